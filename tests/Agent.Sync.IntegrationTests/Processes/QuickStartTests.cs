using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Processes;

/// <summary>The sample as it is run: on a backend of its own, and on a project that the environment names.</summary>
public sealed class QuickStartTests(BackendFixture backends)
{
    private const int Rows = 250;

    private static readonly string Program = Path.Combine(
        Repository.Root, "samples", "QuickStart", "bin", Repository.Configuration, "net10.0", "QuickStart.dll");

    [Fact]
    public async Task Run_WithoutEnvironment_StartsABackendAndSyncsItsRows()
    {
        var end = (await ChildProcess.RunDotnetAsync(Repository.Root, new Dictionary<string, string>(), "exec", Program)).AssertExitCode(0);

        Assert.Contains("artifacts: Completed, 1,000 of 1,000", end.Out, StringComparison.Ordinal);
        Assert.Contains("1,000 applied", end.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ProjectOfTheEnvironment_SyncsItsRowsOnce()
    {
        var user = await backends.Main.SignUpWithRowsAsync(Rows);
        var folder = Directory.CreateTempSubdirectory("agent-sync-quickstart-");
        try
        {
            var database = Path.Combine(folder.FullName, "artifacts.db");
            var environment = backends.Main.EnvironmentOf(user);
            var first = (await ChildProcess.RunDotnetAsync(folder.FullName, environment, "exec", Program)).AssertExitCode(0);
            var second = (await ChildProcess.RunDotnetAsync(folder.FullName, environment, "exec", Program)).AssertExitCode(0);

            Assert.Contains($"{Rows} applied", first.Out, StringComparison.Ordinal);
            Assert.DoesNotContain($"{Rows} applied", second.Out, StringComparison.Ordinal);
            Assert.Equal(Rows, await LocalRows.CountAsync(database, "artifacts"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Run_PartOfTheEnvironment_NamesWhatIsMissing()
    {
        var environment = new Dictionary<string, string> { ["AGENT_SYNC_URL"] = backends.Main.Host.Url.ToString() };

        var end = (await ChildProcess.RunDotnetAsync(Repository.Root, environment, "exec", Program)).AssertExitCode(1);

        Assert.StartsWith("AGENT_SYNC_KEY is missing", end.Error, StringComparison.Ordinal);
    }
}
