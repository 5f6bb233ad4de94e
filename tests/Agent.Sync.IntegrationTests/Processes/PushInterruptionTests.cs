using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Processes;

/// <summary>A run that ends in the middle of sending loses no change, sends none twice, and the next one goes on.</summary>
public sealed class PushInterruptionTests(BackendFixture backends)
{
    private const int Changes = 300;
    private const int PushRows = 10;

    [Theory]
    [InlineData("Detect")]
    [InlineData("Ignore")]
    public async Task Sync_KilledWhileItSends_GoesOnAndEndsEqualToTheServer(string kit)
    {
        using var console = await EditedAsync(kit);
        console.SlowDown(requestsPerSecond: 20);
        long left = Changes;
        foreach (var point in (int[])[1, 50, 100])
        {
            await using var process = console.StartSending("sync", PushRows);
            await SampleConsole.WaitForSentAsync(process, point);
            process.Kill();
            var killed = await process.WaitForExitAsync();

            Assert.NotEqual(0, killed.ExitCode);
            Assert.InRange(SampleConsole.PendingAtStart(killed), 1, left);
            left = SampleConsole.PendingAtStart(killed) - SampleConsole.LastSent(killed);
        }

        console.RunFreely();
        var end = (await console.RunOnFileAsync("sync")).AssertExitCode(0);

        Assert.InRange(SampleConsole.PendingAtStart(end), 1, left);
        await AssertAllSentOnceAsync(console, end);
    }

    [Theory]
    [InlineData("sync", "INT", 130)]
    [InlineData("push", "TERM", 143)]
    public async Task Sending_Signalled_SaysWhatIsLeftAndGoesOn(string command, string signal, int exitCode)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals to send to another process.");
        using var console = await EditedAsync("Detect");
        console.SlowDown(requestsPerSecond: 20);
        await using var process = console.StartSending(command, PushRows);
        var seen = await SampleConsole.WaitForSentAsync(process, 50);
        await process.SignalAsync(signal);
        var stopped = (await process.WaitForExitAsync()).AssertExitCode(exitCode);

        var left = SampleConsole.Find(stopped, "stopped")!.Value.GetProperty("pending").GetInt64();
        Assert.InRange(left, 1, Changes - seen);

        console.RunFreely();
        var end = (await console.RunOnFileAsync("sync")).AssertExitCode(0);

        Assert.Equal(left, SampleConsole.PendingAtStart(end));
        await AssertAllSentOnceAsync(console, end);
    }

    [Fact]
    public async Task Push_FileThatAnotherProcessSends_IsToldSo()
    {
        using var console = await EditedAsync("Detect");
        console.SlowDown(requestsPerSecond: 2);
        await using var first = console.StartSending("sync", PushRows);
        await SampleConsole.WaitForSentAsync(first, 1);
        console.RunFreely();

        var second = (await console.RunOnFileAsync("push")).AssertExitCode(75);
        var retry = (await console.RunOnFileAsync("quarantine")).AssertExitCode(0);
        first.Kill();
        await first.WaitForExitAsync();
        var end = (await console.RunOnFileAsync("sync")).AssertExitCode(0);

        var failure = SampleConsole.Find(second, "failed")!.Value;
        Assert.Equal("LeaseHeld", failure.GetProperty("kind").GetString());
        Assert.Contains($"process {first.Id} of this machine", failure.GetProperty("messages")[0].GetString(), StringComparison.Ordinal);
        Assert.NotNull(SampleConsole.Find(retry, "quarantine"));
        await AssertAllSentOnceAsync(console, end);
    }

    private async Task<SampleConsole> EditedAsync(string kit)
    {
        SampleConsole console = new(backends.Main, await backends.Main.SignUpAsync());
        console.Environment["AGENT_SYNC_SQL_KIT"] = kit;
        (await console.PullAsync(100)).AssertExitCode(0);
        await LocalEdits.InsertAsync(console.Database, console.User, Changes);
        return console;
    }

    /// <summary>Version 1 of every row says that nothing was written a second time.</summary>
    private async Task AssertAllSentOnceAsync(SampleConsole console, ProcessEnd end)
    {
        var rows = await backends.Main.SqlAsync(
            $"select count(*)::int as count, max(version)::int as version from public.artifacts where owner_id = '{console.User.Id}'");
        Assert.Equal((Changes, 1), (rows[0].GetProperty("count").GetInt32(), rows[0].GetProperty("version").GetInt32()));
        var result = SampleConsole.Find(end, "result")!.Value;
        foreach (var count in (string[])["conflicts", "rejected", "pending", "quarantined"])
        {
            Assert.Equal(0, result.GetProperty(count).GetInt64());
        }

        Assert.Equal(Changes, await LocalRows.CountAsync(console.Database, "artifacts"));
        await console.AssertEqualToServerAsync();
    }
}
