using System.Text.RegularExpressions;

namespace Agent.Sync.IntegrationTests.Processes;

/// <summary>The sample with EF Core as it is run.</summary>
public sealed partial class EfCoreSampleTests
{
    private static readonly string Sample = Path.Combine(Repository.Root, "samples", "EfCore");

    private static readonly string Program = Path.Combine(Sample, "bin", Repository.Configuration, "net10.0", "EfCore.dll");

    [Fact]
    public async Task Run_OnABackendOfItsOwn_PrintsWhatItsPageSays()
    {
        var page = (await File.ReadAllTextAsync(Path.Combine(Sample, "README.md"), TestContext.Current.CancellationToken)).ReplaceLineEndings("\n");

        var end = (await ChildProcess.RunDotnetAsync(Repository.Root, new Dictionary<string, string>(), "exec", Program)).AssertExitCode(0);

        Assert.Equal(Output().Match(page).Groups[1].Value, end.Out.ReplaceLineEndings("\n"));
    }

    [GeneratedRegex("```text\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Output();
}
