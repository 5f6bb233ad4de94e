using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Outages;

namespace Agent.Sync.IntegrationTests.Processes;

/// <summary>A server that goes away while changes are sent. The tests of this class run one after the other.</summary>
public sealed class PushOutageTests(OutageBackend outage) : IClassFixture<OutageBackend>
{
    private const int Changes = 200;

    [Theory]
    [InlineData("Detect")]
    [InlineData("Ignore")]
    public async Task Sync_ServerGoneWhileItSends_Is75AndGoesOnWhenTheServerIsBack(string kit)
    {
        var backend = outage.Backend;
        using SampleConsole console = new(backend, await backend.SignUpAsync());
        console.Environment["AGENT_SYNC_SQL_KIT"] = kit;
        console.Environment["AGENT_SYNC_RETRIES"] = "1";
        console.Environment["AGENT_SYNC_RETRY_DELAY_MILLISECONDS"] = "10";
        (await console.PullAsync(100)).AssertExitCode(0);
        await LocalEdits.InsertAsync(console.Database, console.User, Changes);
        console.SlowDown(requestsPerSecond: 20);
        await using var process = console.StartSending("sync", pushRows: 10);
        await SampleConsole.WaitForSentAsync(process, 50);
        await backend.Host.StopApiAsync(TestContext.Current.CancellationToken);
        var failed = await process.WaitForExitAsync();
        await backend.Host.StartApiAsync(TestContext.Current.CancellationToken);

        failed.AssertExitCode(75);
        var failure = SampleConsole.Find(failed, "failed")!.Value;
        Assert.Equal("Unreachable", failure.GetProperty("kind").GetString());

        console.RunFreely();
        var end = (await console.RunOnFileAsync("sync")).AssertExitCode(0);

        Assert.InRange(SampleConsole.PendingAtStart(end), 1, Changes - SampleConsole.LastSent(failed));
        var rows = await backend.SqlAsync($"select count(*)::int as count, max(version)::int as version from public.artifacts where owner_id = '{console.User.Id}'");
        Assert.Equal((Changes, 1), (rows[0].GetProperty("count").GetInt32(), rows[0].GetProperty("version").GetInt32()));
        await console.AssertEqualToServerAsync();
    }
}
