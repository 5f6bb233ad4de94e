using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Push;

/// <summary>A change whose answer was lost after the server committed it is neither applied twice nor taken for somebody else's.</summary>
public sealed class LostAnswerTests(BackendFixture backends)
{
    private const int Rows = 6;

    [Theory]
    [InlineData(true, "insert")]
    [InlineData(false, "insert")]
    [InlineData(true, "update")]
    [InlineData(false, "update")]
    [InlineData(true, "delete")]
    [InlineData(false, "delete")]
    public async Task SyncAsync_AnswersLostOnce_RetriesSettleThemAsApplied(bool kit, string kind)
    {
        var backend = await backends.GetAsync(kit);
        using var wire = new Wire();
        await using var device = await NewDeviceAsync(backend, wire, kind);
        var lost = new HashSet<string>(StringComparer.Ordinal);
        wire.Loses = request => Task.FromResult(request.IsWrite && lost.Add(Convert.ToHexString(request.Body) + request.Query));

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.NotEmpty(lost);
        Assert.Equal((SyncOutcome.Completed, Rows, 0, 0), (result.Outcome, result.Pushed, result.Conflicts, result.Rejected));
        Assert.Equal(lost.Count, result.Datasets[0].Retries);
        await AssertWrittenOnceAsync(backend, device, kind);
    }

    [Theory]
    [InlineData(true, "insert")]
    [InlineData(false, "insert")]
    [InlineData(true, "update")]
    [InlineData(false, "update")]
    [InlineData(true, "delete")]
    [InlineData(false, "delete")]
    public async Task SyncAsync_AnswersLostForGood_NextRunSettlesThemAsApplied(bool kit, string kind)
    {
        var backend = await backends.GetAsync(kit);
        using var wire = new Wire();
        await using var device = await NewDeviceAsync(backend, wire, kind);
        device.Configure += static options => options.Retry.MaxRetries = 1;
        wire.Loses = static request => Task.FromResult(request.IsWrite);

        var failure = await Assert.ThrowsAnyAsync<SyncException>(() => device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal((SyncErrorKind.Unreachable, true), (failure.Kind, failure.IsTransient));
        Assert.Equal(Rows, (await device.ChangesAsync()).Count);

        // What is in flight stays as it was sent, and later edits wait behind it.
        wire.Loses = null;
        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((SyncOutcome.Completed, Rows, 0, 0), (result.Outcome, result.Pushed, result.Conflicts, result.Rejected));
        await AssertWrittenOnceAsync(backend, device, kind);
    }

    [Theory]
    [InlineData(true, "insert")]
    [InlineData(false, "insert")]
    [InlineData(true, "update")]
    [InlineData(false, "update")]
    [InlineData(true, "delete")]
    [InlineData(false, "delete")]
    public async Task SyncAsync_RowWrittenElsewhereSinceTheAnswerWasLost_TheLaterWriteStays(bool kit, string kind)
    {
        var backend = await backends.GetAsync(kit);
        using var wire = new Wire();
        await using var device = await NewDeviceAsync(backend, wire, kind);
        var keys = (await backend.SqlAsync($"select id from public.push_items where owner_id = '{device.User.Id}'")).Select(static row => row.GetProperty("id").GetGuid()).ToArray();
        var writtenElsewhere = false;
        wire.Loses = async request =>
        {
            if (!request.IsWrite || writtenElsewhere)
            {
                return false;
            }

            // Without the kit a request is about one row; the others are still as they were.
            writtenElsewhere = true;
            await backend.SqlAsync(kind == "delete"
                ? $"insert into public.push_items (id, owner_id, note) select id, '{device.User.Id}', 'theirs' from unnest('{{{string.Join(',', keys)}}}'::uuid[]) as id on conflict do nothing; update public.push_items set size = 1 where owner_id = '{device.User.Id}' and note = 'theirs'"
                : $"update public.push_items set note = 'theirs' where owner_id = '{device.User.Id}' and note = 'mine'");
            return true;
        };

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.True(writtenElsewhere);
        Assert.Equal((SyncOutcome.Completed, Rows), (result.Outcome, result.Pushed + result.Conflicts));
        if (kit)
        {
            // The ledger knows the change: what another device wrote after it is no rival of it.
            Assert.Equal(0, result.Conflicts);
        }

        var theirs = await backend.SqlAsync($"select count(*)::int as count from public.push_items where owner_id = '{device.User.Id}' and note = 'theirs'");
        Assert.Equal(kit || kind == "insert" ? Rows : 1, theirs[0].GetProperty("count").GetInt32());
        await device.AssertEqualToServerAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_EditedAgainWhileTheAnswerIsLost_BothEditsArrive(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        using var wire = new Wire();
        await using var device = await NewDeviceAsync(backend, wire, "update");
        device.Configure += static options => options.Retry.MaxRetries = 0;
        wire.Loses = static request => Task.FromResult(request.IsWrite);
        await Assert.ThrowsAnyAsync<SyncException>(() => device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken));
        wire.Loses = null;
        await device.EditAsync($"update push_items set size = 2");

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        var again = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((0, 0), (result.Conflicts, again.Conflicts));
        Assert.Equal((long)Rows, await LocalRows.ScalarAsync(device.DatabasePath, "select count(*) from push_items where note = 'mine' and size = 2"));
        Assert.Empty(await device.ChangesAsync());
        await device.AssertEqualToServerAsync();
    }

    private static async Task<Device> NewDeviceAsync(Backend backend, Wire wire, string kind)
    {
        var device = new Device(backend, await backend.SignUpAsync(), PushDatasets.Items)
        {
            Handler = wire,
            Configure = static options => (options.Push.MaxRequests, options.Push.ConflictPolicy) = (1, ConflictPolicy.ServerWins),
        };
        if (kind != "insert")
        {
            await backend.SqlAsync($"insert into public.push_items (owner_id, note) select '{device.User.Id}', 'base' from generate_series(1, {Rows})");
        }

        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        wire.Forget();
        for (var i = 0; kind == "insert" && i < Rows; i++)
        {
            await device.EditAsync($"insert into push_items (id, note) values ({Guid.NewGuid()}, 'mine')");
        }

        if (kind != "insert")
        {
            await (kind == "update" ? device.EditAsync($"update push_items set note = 'mine'") : device.EditAsync($"delete from push_items"));
        }

        return device;
    }

    private static async Task AssertWrittenOnceAsync(Backend backend, Device device, string kind)
    {
        // The trigger counts writes.
        var rows = await backend.SqlAsync($"select note, version::int from public.push_items where owner_id = '{device.User.Id}'");
        Assert.Equal(kind == "delete" ? 0 : Rows, rows.Count);
        Assert.All(rows, row => Assert.Equal(("mine", kind == "insert" ? 1 : 2), (row.GetProperty("note").GetString(), row.GetProperty("version").GetInt32())));
        Assert.Empty(await device.ChangesAsync());
        await device.AssertEqualToServerAsync();
    }
}
