namespace Agent.Sync.IntegrationTests.Processes;

/// <summary>The console, installed as a .NET tool outside the clone.</summary>
public sealed class ToolTests
{
    [Fact]
    public async Task Tool_OfThisClone_InstallsAndSaysWhatDemoNeeds()
    {
        var folder = Directory.CreateTempSubdirectory("agent-sync-tool-");
        try
        {
            var version = $"0.1.0-test.{Guid.NewGuid():N}";
            var tools = Path.Combine(folder.FullName, "tools");
            var project = Path.Combine(Repository.Root, "src", "Agent.Sync.Cli", "Agent.Sync.Cli.csproj");
            (await PackageApp.BuildToolAsync(
                Repository.Root, "pack", project, "--no-build", "-c", Repository.Configuration, $"-p:Version={version}", "-o", folder.FullName, "-v:q")).AssertExitCode(0);
            (await PackageApp.BuildToolAsync(
                folder.FullName, "tool", "install", "agent-sync", "--tool-path", tools, "--version", version, "--source", folder.FullName)).AssertExitCode(0);
            var program = Directory.EnumerateFiles(tools, "agent-sync.dll", SearchOption.AllDirectories).Single();

            var help = (await ChildProcess.RunDotnetAsync(folder.FullName, new Dictionary<string, string>(), "exec", program, "--help")).AssertExitCode(0);
            var demo = (await ChildProcess.RunDotnetAsync(folder.FullName, new Dictionary<string, string>(), "exec", program, "demo", "--data", "data")).AssertExitCode(1);

            Assert.Contains("quarantine", help.Out, StringComparison.Ordinal);
            Assert.Contains("AGENT_SYNC_LOCAL_BACKEND", demo.Error, StringComparison.Ordinal);
            Assert.False(Directory.Exists(Path.Combine(folder.FullName, "data")), "The demo made its folder before it knew of a backend.");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
