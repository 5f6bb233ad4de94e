using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using Agent.Sync.IntegrationTests.Outages;

namespace Agent.Sync.IntegrationTests.Processes;

/// <summary>The templates, used as somebody with an empty folder uses them.</summary>
public sealed class TemplateTests(OutageBackend outage, PackedPackages packed) : IClassFixture<OutageBackend>
{
    private const int Rows = 250;

    private Backend Backend => outage.Backend;

    [Fact]
    public async Task Templates_InstalledFromAFolder_GiveAConsoleAndAWorkerThatSync()
    {
        var folder = Directory.CreateTempSubdirectory("agent-sync-templates-");
        try
        {
            await CreateAndBuildAsync(folder.FullName);

            var user = await Backend.SignUpWithRowsAsync(Rows);
            var first = (await RunConsoleAsync(folder.FullName, user)).AssertExitCode(0);
            var second = (await RunConsoleAsync(folder.FullName, user)).AssertExitCode(0);
            Assert.Contains($"artifacts: {Rows} applied", first.Out, StringComparison.Ordinal);
            Assert.DoesNotContain("applied", second.Out, StringComparison.Ordinal);
            Assert.Equal(Rows, await LocalRows.CountAsync(Path.Combine(folder.FullName, "MyApp", "artifacts.db"), "artifacts"));

            await WorkerScene.PlayAsync(Backend, await Backend.SignUpAsync(), Path.Combine(folder.FullName, "MyService", "bin", "Debug", "net10.0", "MyService.dll"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task CreateAndBuildAsync(string folder)
    {
        var feed = await packed.GetAsync();
        await feed.ConfigureAsync(folder);
        string[] hive = ["--debug:custom-hive", Path.Combine(folder, "hive")];
        (await PackageApp.BuildToolAsync(folder, ["new", "install", feed.TemplatesFile, .. hive])).AssertExitCode(0);
        (await PackageApp.BuildToolAsync(folder, ["new", "agent-sync-console", "-o", "MyApp", .. hive])).AssertExitCode(0);
        (await PackageApp.BuildToolAsync(folder, ["new", "agent-sync-worker", "-o", "MyService", .. hive])).AssertExitCode(0);

        // Both in one process: most of the time goes into starting one.
        var all = Path.Combine(folder, "all.proj");
        await File.WriteAllTextAsync(
            all,
            """
            <Project>
              <ItemGroup>
                <Made Include="MyApp/MyApp.csproj;MyService/MyService.csproj" />
              </ItemGroup>
              <Target Name="BuildAll">
                <MSBuild Projects="@(Made)" Targets="Restore" Properties="Step=Restore" />
                <MSBuild Projects="@(Made)" Targets="Build" BuildInParallel="true" />
              </Target>
            </Project>
            """);
        (await PackageApp.BuildToolAsync(folder, "msbuild", all, "-t:BuildAll", "-nologo", "-v:q", "-m")).AssertExitCode(0);
    }

    private Task<ProcessEnd> RunConsoleAsync(string folder, TestUser user) => ChildProcess.RunDotnetAsync(
        Path.Combine(folder, "MyApp"),
        Backend.EnvironmentOf(user),
        "exec",
        Path.Combine(folder, "MyApp", "bin", "Debug", "net10.0", "MyApp.dll"));
}
