using Agent.Sync.IntegrationTests.Backends;

namespace Agent.Sync.IntegrationTests.Processes;

/// <summary>Ctrl+C and SIGTERM end a run at a commit, and say where.</summary>
public sealed class SignalTests(BackendFixture backends)
{
    private const int Rows = 300;

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public async Task Pull_Signalled_SaysWhereItStoppedAndGoesOnFromThere(string signal, int exitCode)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals to send to another process.");
        var user = await backends.Main.SignUpWithRowsAsync(Rows);
        using SampleConsole console = new(backends.Main, user);
        console.SlowDown(requestsPerSecond: 20);
        await using var process = console.StartPull(pageSize: 10);
        var seen = await SampleConsole.WaitForRowsAsync(process, 50);
        await process.SignalAsync(signal);
        var stopped = (await process.WaitForExitAsync()).AssertExitCode(exitCode);

        Assert.Equal($"SIG{signal}", SampleConsole.Find(stopped, "stopping")!.Value.GetProperty("signal").GetString());
        var position = Assert.Single(SampleConsole.Find(stopped, "stopped")!.Value.GetProperty("datasets").EnumerateArray());
        Assert.Equal("artifacts", position.GetProperty("dataset").GetString());
        var at = position.GetProperty("rows").GetInt64();
        Assert.InRange(at, seen, Rows - 1);

        console.RunFreely();
        var end = (await console.PullAsync(pageSize: 10)).AssertExitCode(0);

        Assert.Equal(at, SampleConsole.ResumedRows(end));
        Assert.Equal(Rows - at, SampleConsole.Find(end, "result")!.Value.GetProperty("applied").GetInt64());
        await console.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task Pull_InterruptedWithoutJson_SaysInWordsHowFarItCame()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals to send to another process.");
        var user = await backends.Main.SignUpWithRowsAsync(Rows);
        using SampleConsole console = new(backends.Main, user);
        console.SlowDown(requestsPerSecond: 10);
        console.Environment["AGENT_SYNC_TOTAL_COUNT"] = "Exact";
        await using var process = console.StartPullAsText(pageSize: 10);
        await process.WaitForLineAsync(static line => line.Contains("artifacts: ", StringComparison.Ordinal) ? true : default(bool?));
        await process.SignalAsync("INT");
        var stopped = (await process.WaitForExitAsync()).AssertExitCode(130);

        Assert.Matches($@"Stopped at [1-9]\d* of {Rows} artifacts; they are in the file", stopped.Out);
    }
}
