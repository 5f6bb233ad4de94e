using System.Text.Json;
using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Processes;

/// <summary>agent-sync doctor and why, as processes.</summary>
public sealed class DoctorTests(BackendFixture backends)
{
    private const string Secret = "a name that nobody asked for";

    [Fact]
    public async Task Doctor_SampleTables_NothingIsWrongAndTheFileIsNotMade()
    {
        using SampleConsole console = new(backends.Main, await backends.Main.SignUpWithRowsAsync(20, new BackendHost.SeedOptions { Projects = 3 }));

        var end = (await console.RunOnFileAsync("doctor")).AssertExitCode(0);

        Assert.False(File.Exists(console.Database));
        Assert.DoesNotContain(Findings(end), static finding => finding.GetProperty("severity").GetString() is "Warning" or "Error");
        var words = (await console.RunAsync("doctor", "--database", console.Database)).AssertExitCode(0);
        Assert.EndsWith("Nothing is wrong.", words.Out.Trim(), StringComparison.Ordinal);
        Assert.InRange(words.Out.Trim().Split('\n').Length, 4, 10);
    }

    [Fact]
    public async Task Doctor_WithTheCatalog_LeavesNothingUnknown()
    {
        backends.Main.RequireSessions();
        using SampleConsole console = new(backends.Main, await backends.Main.SignUpWithRowsAsync(20, new BackendHost.SeedOptions { Projects = 3 }));
        console.Environment["AGENT_SYNC_DATABASE_URL"] = backends.Main.Host.DatabaseUrl!;
        (await console.PullAsync(100)).AssertExitCode(0);

        var end = (await console.RunOnFileAsync("doctor")).AssertExitCode(0);

        Assert.All(Findings(end), static finding => Assert.Equal(("Ok", finding.ToString()), (finding.GetProperty("severity").GetString(), finding.ToString())));
    }

    [Fact]
    public async Task Doctor_WrongPassword_LooksAtTheFileAndSaysSo()
    {
        using SampleConsole console = new(backends.Main, await backends.Main.SignUpAsync());
        console.Environment["AGENT_SYNC_PASSWORD"] = "wrong";

        var end = (await console.RunOnFileAsync("doctor")).AssertExitCode(4);

        Assert.Equal("session", Assert.Single(Findings(end), static finding => finding.GetProperty("severity").GetString() == "Error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Doctor_NoServerAndNoAddress_IsTriedAgainOrLooksAtTheFileAlone()
    {
        using SampleConsole console = new(backends.Main, await backends.Main.SignUpAsync());
        console.Environment["AGENT_SYNC_URL"] = "http://127.0.0.1:9";
        (await console.RunOnFileAsync("doctor", "artifacts")).AssertExitCode(75);
        console.Environment.Remove("AGENT_SYNC_URL");
        console.Environment["AGENT_SYNC_EMAIL"] = "";

        var words = (await console.RunAsync("doctor", "--database", console.Database)).AssertExitCode(0);

        Assert.Contains("The server was not asked", words.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_TableThatTheFileDoesNotHave_NamesThoseItHas()
    {
        using SampleConsole console = new(backends.Main, await backends.Main.SignUpAsync());

        var end = (await console.RunOnFileAsync("doctor", "artefacts")).AssertExitCode(2);

        Assert.Contains("projects, artifacts", SampleConsole.Find(end, "failed")!.Value.GetProperty("messages")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Why_RowThatWaits_IsToldWithoutValuesUnlessAskedFor()
    {
        using SampleConsole console = new(backends.Main, await backends.Main.SignUpWithRowsAsync(5));
        (await console.PullAsync(100)).AssertExitCode(0);
        var id = (string)(await LocalRows.ScalarAsync(console.Database, "select id from artifacts where size = 37"))!;
        await LocalEdits.RunAsync(console.Database, $"update artifacts set name = '{Secret}' where size = 37");

        var end = (await console.RunOnFileAsync("why", "artifacts", id)).AssertExitCode(0);
        var words = (await console.RunAsync("why", "artifacts", id, "--database", console.Database)).AssertExitCode(0);
        var values = (await console.RunOnFileAsync("why", "artifacts", id, "--values")).AssertExitCode(0);
        (await console.RunOnFileAsync("why", "artifacts")).AssertExitCode(2);
        (await console.RunOnFileAsync("why", "artifacts", id, "2")).AssertExitCode(2);

        var why = SampleConsole.Find(end, "why")!.Value;
        Assert.Equal(("Waiting", "name"), (why.GetProperty("state").GetString(), why.GetProperty("differingColumns")[0].GetString()));
        Assert.Equal(id, why.GetProperty("key").GetProperty("id").GetString(), ignoreCase: true);
        Assert.DoesNotContain(Secret, end.Out + words.Out, StringComparison.Ordinal);
        Assert.Contains("waits to be sent", words.Out, StringComparison.Ordinal);
        Assert.Equal(Secret, SampleConsole.Find(values, "why")!.Value.GetProperty("local").GetProperty("name").GetString());
    }

    private static JsonElement[] Findings(ProcessEnd end) => [.. SampleConsole.Find(end, "diagnosis")!.Value.GetProperty("findings").EnumerateArray()];
}
