using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Processes;

/// <summary>One file has one writer at a time, and a dead one is in nobody's way.</summary>
public sealed class TwoProcessesTests(BackendFixture backends)
{
    private const int Rows = 300;

    [Fact]
    public async Task Pull_FileThatAnotherProcessSyncs_IsToldSoAndTakesOverOnceThatOneIsKilled()
    {
        var user = await backends.Main.SignUpWithRowsAsync(Rows);
        using SampleConsole console = new(backends.Main, user);
        console.SlowDown(requestsPerSecond: 1);
        await using var first = console.StartPull(pageSize: 10);
        var seen = await SampleConsole.WaitForRowsAsync(first, 10);
        console.RunFreely();

        var second = (await console.PullAsync(pageSize: 100)).AssertExitCode(75);
        first.Kill();
        var killed = await first.WaitForExitAsync();
        var lapses = (long)(await LocalRows.ScalarAsync(console.Database, "select max(expires_at) from agent_sync_lease where machine is not null"))!;
        var third = (await console.PullAsync(pageSize: 100)).AssertExitCode(0);
        var done = TimeProvider.System.GetUtcNow();

        var failure = SampleConsole.Find(second, "failed")!.Value;
        Assert.Equal("LeaseHeld", failure.GetProperty("kind").GetString());
        Assert.Contains($"process {first.Id} of this machine", failure.GetProperty("messages")[0].GetString(), StringComparison.Ordinal);
        Assert.InRange(SampleConsole.ResumedRows(third), Math.Max(seen, SampleConsole.LastRows(killed)), Rows);
        Assert.True(done.UtcTicks < lapses, "The third process was done only after the lease of the dead one had lapsed.");
        await console.AssertEqualToServerAsync();
    }
}
