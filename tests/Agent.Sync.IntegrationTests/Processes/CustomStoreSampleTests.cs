using Agent.Sync.IntegrationTests.Backends;

namespace Agent.Sync.IntegrationTests.Processes;

/// <summary>The sample with a store of its own, on a project that the environment names.</summary>
public sealed class CustomStoreSampleTests(BackendFixture backends)
{
    private const int Rows = 250;

    private static readonly string Program = Path.Combine(
        Repository.Root, "samples", "CustomStore", "bin", Repository.Configuration, "net10.0", "CustomStore.dll");

    [Fact]
    public async Task Run_Twice_SyncsTheRowsIntoItsFileOnce()
    {
        var user = await backends.Main.SignUpWithRowsAsync(Rows);
        var folder = Directory.CreateTempSubdirectory("agent-sync-custom-store-");
        try
        {
            var environment = backends.Main.EnvironmentOf(user);
            var first = (await ChildProcess.RunDotnetAsync(folder.FullName, environment, "exec", Program)).AssertExitCode(0);
            var second = (await ChildProcess.RunDotnetAsync(folder.FullName, environment, "exec", Program)).AssertExitCode(0);

            Assert.Contains($"{Rows} applied", first.Out, StringComparison.Ordinal);
            Assert.DoesNotContain($"{Rows} applied", second.Out, StringComparison.Ordinal);
            Assert.Contains($"{Rows} rows are in ", second.Out, StringComparison.Ordinal);
            Assert.Equal(1 + Rows, File.ReadLines(Path.Combine(folder.FullName, "artifacts.json.d", "artifacts.jsonl")).Count());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
