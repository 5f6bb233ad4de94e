using System.Text.Json;
using Agent.Sync.IntegrationTests.Backends;

namespace Agent.Sync.IntegrationTests.Processes;

/// <summary>agent-sync watch as a process: both ways, until Ctrl+C.</summary>
public sealed class WatchProcessTests(BackendFixture backends)
{
    [Fact]
    public async Task Watch_EditsOnBothSides_BringsAndSendsThemAndEndsWithTheCodeOfTheLastRun()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals to send to another process.");
        using SampleConsole console = new(backends.Main, await backends.Main.SignUpWithRowsAsync(50));
        await using var process = console.Start("watch", "--json", "--database", console.Database, "--every", "1s");
        await process.WaitForLineAsync(static line => Moved(line, "applied") >= 50 ? true : default(bool?));

        await backends.Main.SqlAsync($"update public.artifacts set name = 'there' where owner_id = '{console.User.Id}' and size = 37");
        await process.WaitForLineAsync(static line => Moved(line, "applied") >= 1 ? true : default(bool?));
        await LocalEdits.RunAsync(console.Database, "update artifacts set name = 'here' where size = 37 * 2");
        await process.WaitForLineAsync(static line => Moved(line, "pushed") >= 1 ? true : default(bool?));
        await process.SignalAsync("INT");
        var end = (await process.WaitForExitAsync()).AssertExitCode(0);

        Assert.Equal("SIGINT", SampleConsole.Find(end, "stopping")!.Value.GetProperty("signal").GetString());
        await console.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task Watch_WrongPassword_EndsAtOnce()
    {
        using SampleConsole console = new(backends.Main, await backends.Main.SignUpAsync());
        console.Environment["AGENT_SYNC_PASSWORD"] = "wrong-password";

        var end = (await console.RunAsync("watch", "--json", "--database", console.Database, "--every", "1s")).AssertExitCode(4);

        Assert.NotNull(SampleConsole.Find(end, "failed"));
        Assert.Null(SampleConsole.Find(end, "watch"));
    }

    private static long? Moved(string line, string member)
    {
        var one = JsonElement.Parse(line);
        return one.GetProperty("event").GetString() == "watch" ? one.GetProperty(member).GetInt64() : null;
    }
}
