using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Push;

/// <summary>Rows that refer to one another arrive whatever the order in which the app wrote them.</summary>
public sealed class ParentTests(BackendFixture backends)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_ChildWrittenBeforeItsParent_ParentsDatasetGoesFirstAndDeletesGoTheOtherWay(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        using var wire = new Wire();
        await using var device = new Device(backend, await backend.SignUpAsync(), PushDatasets.Items, PushDatasets.Lines) { Handler = wire };
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        Guid[] items = [Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid()];
        foreach (var item in items)
        {
            await device.EditAsync($"insert into push_lines (id, item_id, note) values ({Guid.NewGuid()}, {item}, 'line')");
            await device.EditAsync($"insert into push_items (id, note) values ({item}, 'item')");
        }

        var inserted = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((6, 0), (inserted.Pushed, inserted.Rejected));
        await AssertEqualAsync(device);
        wire.Forget();

        // The parent goes first here: by itself it would break the reference.
        await device.EditAsync($"delete from push_items");
        await device.EditAsync($"delete from push_lines");
        var deleted = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((6, 0), (deleted.Pushed, deleted.Rejected));
        Assert.Equal(kit ? 2 : 6, wire.Writes.Count);
        Assert.Empty(await backend.SqlAsync($"select 1 from public.push_items where owner_id = '{device.User.Id}' union all select 1 from public.push_lines where owner_id = '{device.User.Id}'"));
        await AssertEqualAsync(device);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_ParentThatDoesNotExist_IsQuarantinedAndGoesUpOnceItDoes(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        await using var device = new Device(backend, await backend.SignUpAsync());
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        var (orphan, project) = (Guid.NewGuid(), Guid.NewGuid());
        await device.EditAsync($"insert into artifacts (id, project_id, type, name) values ({orphan}, {project}, 'note', 'Orphan')");
        await device.InsertArtifactsAsync(4);

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((4, 1), (result.Pushed, result.Rejected));
        var quarantined = Assert.Single(await device.ChangesAsync(ChangeState.Quarantined));
        Assert.Equal("23503", quarantined.Code);

        await backend.SqlAsync($"insert into public.projects (id, owner_id, name) values ('{project}', '{device.User.Id}', 'Late')");
        await using (var open = device.Open())
        {
            Assert.Equal(1, await open.Engine.RetryChangesAsync("artifacts", cancellationToken: TestContext.Current.CancellationToken));
        }

        var retried = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((SyncOutcome.Completed, 1), (retried.Outcome, retried.Pushed));
        await device.AssertEqualToServerAsync();
    }

    [Theory]
    [InlineData(true, 500)]
    [InlineData(false, 500)]
    [InlineData(true, 1)]
    [InlineData(false, 1)]
    public async Task SyncAsync_ChildBeforeParentInOneTable_AllArrive(bool kit, int batch)
    {
        var backend = await backends.GetAsync(kit);
        await using var device = new Device(backend, await backend.SignUpAsync(), PushDatasets.Nodes)
        {
            Configure = options => (options.Push.BatchRows, options.Push.MaxRequests) = (batch, 1),
        };
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        var parent = Guid.NewGuid();
        for (var i = 0; i < 3; i++)
        {
            await device.EditAsync($"insert into push_nodes (id, parent_id, note) values ({Guid.NewGuid()}, {parent}, 'child')");
        }

        await device.EditAsync($"insert into push_nodes (id, note) values ({parent}, 'parent')");

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((SyncOutcome.Completed, 4, 0), (result.Outcome, result.Pushed, result.Rejected));
        await device.AssertEqualToServerAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_DeferredReferenceToNothing_IsQuarantinedAloneAtTheEnd(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        await using var device = new Device(backend, await backend.SignUpAsync(), PushDatasets.Nodes);
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        var orphan = Guid.NewGuid();
        await device.EditAsync($"insert into push_nodes (id, parent_id, note) values ({orphan}, {Guid.NewGuid()}, 'orphan')");
        for (var i = 0; i < 5; i++)
        {
            await device.EditAsync($"insert into push_nodes (id, note) values ({Guid.NewGuid()}, 'fine')");
        }

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((5, 1), (result.Pushed, result.Rejected));
        var quarantined = await device.ChangesAsync(ChangeState.Quarantined);
        Assert.Equal([orphan], quarantined.Keys());
        Assert.Equal("23503", quarantined[0].Code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_ParentThatIsStillReferredTo_ItsDeleteIsQuarantinedAndDiscardBringsItBack(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        await using var device = new Device(backend, await backend.SignUpAsync(), PushDatasets.Items);
        var item = Guid.NewGuid();
        await backend.SqlAsync(
            $"""
            insert into public.push_items (id, owner_id, note) values ('{item}', '{device.User.Id}', 'kept');
            insert into public.push_lines (item_id, owner_id) values ('{item}', '{device.User.Id}');
            """);
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await device.EditAsync($"delete from push_items");

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((0, 1), (result.Pushed, result.Rejected));
        var quarantined = Assert.Single(await device.ChangesAsync(ChangeState.Quarantined));
        Assert.Equal((ChangeKind.Delete, "23503"), (quarantined.Kind, quarantined.Code));
        Assert.Equal(0, await device.CountAsync());
        await using (var open = device.Open())
        {
            await open.Engine.DiscardChangesAsync("push_items", cancellationToken: TestContext.Current.CancellationToken);
        }

        await device.AssertEqualToServerAsync();
    }

    private static async Task AssertEqualAsync(Device device)
    {
        foreach (var dataset in device.Datasets)
        {
            await device.AssertEqualToServerAsync(dataset);
        }
    }
}
