using System.Globalization;
using System.Text.Json;
using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using Agent.Sync.IntegrationTests.Push;

namespace Agent.Sync.IntegrationTests.Outages;

/// <summary>Real sockets that break in the middle, and tables that somebody holds locked: when that is over, both sides are equal and nothing was written twice.</summary>
public sealed class FaultyNetworkTests(BackendFixture backends)
{
    private const int Rows = 60;

    [Theory]
    [InlineData(true, 1)]
    [InlineData(true, 2)]
    [InlineData(false, 3)]
    [InlineData(false, 4)]
    public async Task SyncAsync_ConnectionsThatBreakBySeed_LoseAndDoubleNothing(bool kit, int seed)
    {
        var backend = await backends.GetAsync(kit);
        var user = await backend.SignUpAsync();
        await backend.SqlAsync($"insert into public.push_items (owner_id, note) select '{user.Id}', 'row ' || i from generate_series(1, {Rows}) as i");
        await using var proxy = new FaultyProxy(backend.Host.Url, seed);
        await using var device = new Device(backend, user, PushDatasets.Items)
        {
            Configure = options =>
            {
                (options.Url, options.PageSize, options.MaxPullRequests, options.Commit.Interval) = (proxy.Url, 10, 3, TimeSpan.Zero);
                (options.SqlKit, options.Push.BatchRows) = (kit ? SqlKitMode.Require : SqlKitMode.Ignore, 5);
                (options.Retry.MaxRetries, options.Retry.AttemptTimeout, options.Breaker.MinimumAttempts) = (1, TimeSpan.FromSeconds(1), 1_000);
            },
        };

        // The first sync breaks too.
        proxy.IsFaulty = true;
        await RunAsync(device, 4);
        proxy.IsFaulty = false;
        await device.SyncToTheEndAsync();
        await device.EditAsync($"update push_items set note = 'mine' where id in (select id from push_items order by id limit 20)");
        await device.EditAsync($"delete from push_items where id in (select id from push_items order by id desc limit 10)");
        for (var number = 0; number < 20; number++)
        {
            await device.EditAsync($"insert into push_items (id, name, note) values ({Guid.NewGuid()}, {string.Create(CultureInfo.InvariantCulture, $"{user.Id} {number}")}, 'new')");
        }

        proxy.IsFaulty = true;
        await RunAsync(device, 8);
        proxy.IsFaulty = false;
        await device.SyncToTheEndAsync();

        Assert.True(proxy.Broken is { Connections: >= 3, Ways: >= 2 }, $"{proxy.Broken}");
        Assert.Empty(await device.ChangesAsync());
        await device.AssertEqualToServerAsync();
        var counts = (await backend.SqlAsync(
            $"""
            select count(*) filter (where note = 'new' and version = 1)::int as inserted, count(*) filter (where note = 'mine' and version = 2)::int as updated,
                count(*) filter (where note like 'row %' and version = 1)::int as untouched, count(*)::int as rows from public.push_items where owner_id = '{user.Id}'
            """))[0];
        Assert.Equal((20, 20, Rows - 30, Rows + 10), (Number(counts, "inserted"), Number(counts, "updated"), Number(counts, "untouched"), Number(counts, "rows")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_TableLockedForAWhile_WaitsAndWritesOnce(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        backend.RequireSessions();
        var user = await backend.SignUpAsync();
        await using var device = new Device(backend, user, PushDatasets.Nodes)
        {
            Configure = options =>
            {
                options.SqlKit = kit ? SqlKitMode.Require : SqlKitMode.Ignore;
                (options.Retry.MaxRetries, options.Retry.AttemptTimeout, options.Retry.Delay) = (10, TimeSpan.FromMilliseconds(700), TimeSpan.FromMilliseconds(50));
            },
        };
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await device.EditAsync($"insert into push_nodes (id, note) values ({Guid.NewGuid()}, 'new')");

        // Writes wait, and give up; reads pass.
        var locked = backend.SqlAsync("begin; lock table public.push_nodes in share row exclusive mode; select pg_sleep(2); commit");
        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await locked;

        Assert.Equal((SyncOutcome.Completed, 1, 0, 0), (result.Outcome, result.Pushed, result.Conflicts, result.Rejected));
        await device.AssertEqualToServerAsync();
        Assert.Equal(1, Number((await backend.SqlAsync($"select sum(version)::int as versions from public.push_nodes where owner_id = '{user.Id}'"))[0], "versions"));
    }

    private static int Number(JsonElement row, string name) => row.GetProperty(name).GetInt32();

    private static async Task RunAsync(Device device, int runs)
    {
        for (var run = 0; run < runs; run++)
        {
            var failure = await Record.ExceptionAsync(() => device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken));
            Assert.True(failure is null or SyncException, failure?.ToString());
        }
    }
}
