using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Push;

/// <summary>Whatever refuses a row on the server, the row comes into quarantine with that reason and its neighbours arrive.</summary>
public sealed class RejectionTests(BackendFixture backends)
{
    private const int Others = 5;

    [Theory]
    [InlineData(true, "name", "taken", "23505", "push_items_name_key")]
    [InlineData(false, "name", "taken", "23505", null)]
    [InlineData(true, "label", "longer than ten letters", "22001", null)]
    [InlineData(false, "label", "longer than ten letters", "22001", null)]
    [InlineData(true, "note", PushTables.RefusedNote, "P0001", null)]
    [InlineData(false, "note", PushTables.RefusedNote, "P0001", null)]
    [InlineData(true, "size", "-1", "23514", "push_items_size_check")]
    [InlineData(false, "size", "-1", "23514", null)]
    [InlineData(true, "owner_id", "00000000-0000-0000-0000-000000000001", "42501", null)]
    [InlineData(false, "owner_id", "00000000-0000-0000-0000-000000000001", "42501", null)]
    public async Task SyncAsync_InsertThatTheServerRefuses_IsQuarantinedWithItsCode(bool kit, string column, string value, string code, string? constraint)
    {
        var backend = await backends.GetAsync(kit);
        await using var device = await NewDeviceAsync(backend);
        if (value == "taken")
        {
            value = $"taken {device.User.Id}";
            await backend.SqlAsync($"insert into public.push_items (owner_id, name) values ('{device.User.Id}', '{value}')");
        }

        var refused = Guid.NewGuid();
        await InsertOthersAsync(device);
        await EditColumnAsync(device, column, value, refused, isNew: true);
        await InsertOthersAsync(device);

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((2 * Others, 1), (result.Pushed, result.Rejected));
        await AssertQuarantinedAsync(device, refused, ChangeKind.Insert, code, constraint);
        Assert.Equal(2L * Others, await CountOnServerAsync(backend, device, "name is null"));
        Assert.Equal(1L, await LocalRows.ScalarAsync(device.DatabasePath, $"select count(*) from push_items where id = '{refused.ToString().ToUpperInvariant()}'"));
    }

    [Theory]
    [InlineData(true, "name", "taken", "23505")]
    [InlineData(false, "name", "taken", "23505")]
    [InlineData(true, "label", "longer than ten letters", "22001")]
    [InlineData(false, "label", "longer than ten letters", "22001")]
    [InlineData(true, "note", PushTables.RefusedNote, "P0001")]
    [InlineData(false, "note", PushTables.RefusedNote, "P0001")]
    [InlineData(true, "owner_id", "00000000-0000-0000-0000-000000000001", "42501")]
    [InlineData(false, "owner_id", "00000000-0000-0000-0000-000000000001", "42501")]
    public async Task SyncAsync_UpdateThatTheServerRefuses_IsQuarantinedAndDiscardRestoresTheServersRow(bool kit, string column, string value, string code)
    {
        var backend = await backends.GetAsync(kit);
        await using var device = await NewDeviceAsync(backend);
        var refused = Guid.NewGuid();
        await backend.SqlAsync($"insert into public.push_items (id, owner_id, size) values ('{refused}', '{device.User.Id}', 5)");
        if (value == "taken")
        {
            value = $"taken {device.User.Id}";
            await backend.SqlAsync($"insert into public.push_items (owner_id, name) values ('{device.User.Id}', '{value}')");
        }

        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await EditColumnAsync(device, column, value, refused, isNew: false);
        await InsertOthersAsync(device);

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await AssertQuarantinedAsync(device, refused, ChangeKind.Update, code);
        await using (var open = device.Open())
        {
            Assert.Equal(1, await open.Engine.DiscardChangesAsync("push_items", cancellationToken: TestContext.Current.CancellationToken));
        }

        Assert.Equal((Others, 1), (result.Pushed, result.Rejected));
        await device.AssertEqualToServerAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_KeyOfARowThatIsInvisible_IsRefusedAndTellsNothingOfIt(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        await using var device = await NewDeviceAsync(backend);
        var taken = Guid.NewGuid();
        var other = await backend.SignUpAsync();
        await backend.SqlAsync($"insert into public.push_items (id, owner_id, note) values ('{taken}', '{other.Id}', 'theirs')");
        await device.EditAsync($"insert into push_items (id, note) values ({taken}, 'mine')");
        await InsertOthersAsync(device);

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((Others, 0, 1), (result.Pushed, result.Conflicts, result.Rejected));
        await AssertQuarantinedAsync(device, taken, ChangeKind.Insert, "42501");
        var row = Assert.Single(await backend.SqlAsync($"select note, owner_id from public.push_items where id = '{taken}'"));
        Assert.Equal(("theirs", other.Id), (row.GetProperty("note").GetString(), row.GetProperty("owner_id").GetGuid()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_RequiredColumnThatIsMissing_IsQuarantined(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        await using var device = new Device(backend, await backend.SignUpAsync());
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        var refused = Guid.NewGuid();
        await device.EditAsync($"insert into artifacts (id, name) values ({refused}, 'Without a type')");
        await device.InsertArtifactsAsync(Others);

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((Others, 1), (result.Pushed, result.Rejected));
        await AssertQuarantinedAsync(device, refused, ChangeKind.Insert, "23502", "type");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_GatewayThatTakesSmallBodiesOnly_SendsSmallerOnesAndQuarantinesWhatIsTooLargeAlone(bool kit)
    {
        const int Limit = 8_000;
        const int Count = 24;
        var backend = await backends.GetAsync(kit);
        using var wire = new Wire { Answer = static request => request.Body.Length > Limit ? Wire.NewAnswer(413) : null };
        await using var device = new Device(backend, await backend.SignUpAsync()) { Handler = wire };
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await device.InsertArtifactsAsync(Count, contentBytes: 1_000);
        var refused = Guid.NewGuid();
        var large = new string('x', 2 * Limit);
        await device.EditAsync($"insert into artifacts (id, type, name, content) values ({refused}, 'note', 'Large', {large})");

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((Count, 1), (result.Pushed, result.Rejected));
        Assert.Contains(wire.Writes, static request => request.Body.Length > Limit);
        await AssertQuarantinedAsync(device, refused, ChangeKind.Insert, "413");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_ValueThatIsNotOfItsType_IsQuarantinedWithoutBeingSent(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        using var wire = new Wire();
        await using var device = await NewDeviceAsync(backend, wire);
        var refused = Guid.NewGuid();
        await device.EditAsync($"insert into push_items (id, size) values ({refused}, 'not a number')");
        await InsertOthersAsync(device);

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(Others, result.Pushed);
        Assert.Equal(1, result.Quarantined);
        await AssertQuarantinedAsync(device, refused, ChangeKind.Insert, "local_value");
        Assert.Equal(Others, wire.Writes.Sum(static request => request.Changes));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_TableThatMayNotBeWritten_FailsAndKeepsTheChanges(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        await using var device = new Device(backend, await backend.SignUpAsync(), PushDatasets.ReadOnly);
        await backend.SqlAsync($"insert into public.push_read_only (owner_id, note) select '{device.User.Id}', 'theirs' from generate_series(1, 3)");
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await device.EditAsync($"update push_read_only set note = 'mine'");

        var failure = await Assert.ThrowsAnyAsync<SyncException>(() => device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal((SyncErrorKind.PermissionDenied, "42501"), (failure.Kind, failure.Code));
        Assert.Equal(3, (await device.ChangesAsync()).Count);
        Assert.Empty(await device.ChangesAsync(ChangeState.Quarantined));
    }

    private static Task<Device> NewDeviceAsync(Backend backend) => NewDeviceAsync(backend, null);

    private static async Task<Device> NewDeviceAsync(Backend backend, Wire? wire)
    {
        var device = new Device(backend, await backend.SignUpAsync(), PushDatasets.Items) { Handler = wire };
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        return device;
    }

    private static async Task InsertOthersAsync(Device device)
    {
        for (var i = 0; i < Others; i++)
        {
            await device.EditAsync($"insert into push_items (id, note) values ({Guid.NewGuid()}, 'fine')");
        }
    }

    private static Task<int> EditColumnAsync(Device device, string column, string value, Guid id, bool isNew) => (column, isNew) switch
    {
        ("name", true) => device.EditAsync($"insert into push_items (id, name) values ({id}, {value})"),
        ("label", true) => device.EditAsync($"insert into push_items (id, label) values ({id}, {value})"),
        ("note", true) => device.EditAsync($"insert into push_items (id, note) values ({id}, {value})"),
        ("size", true) => device.EditAsync($"insert into push_items (id, size) values ({id}, cast({value} as integer))"),
        ("owner_id", true) => device.EditAsync($"insert into push_items (id, owner_id) values ({id}, {value})"),
        ("name", false) => device.EditAsync($"update push_items set name = {value} where id = {id}"),
        ("label", false) => device.EditAsync($"update push_items set label = {value} where id = {id}"),
        ("note", false) => device.EditAsync($"update push_items set note = {value} where id = {id}"),
        ("owner_id", false) => device.EditAsync($"update push_items set owner_id = {value} where id = {id}"),
        _ => throw new ArgumentOutOfRangeException(nameof(column)),
    };

    private static async Task AssertQuarantinedAsync(Device device, Guid key, ChangeKind kind, string code, string? constraint = null)
    {
        var quarantined = Assert.Single(await device.ChangesAsync(ChangeState.Quarantined));
        Assert.Equal(key, new[] { quarantined }.Keys().Single());
        Assert.Equal((kind, code), (quarantined.Kind, quarantined.Code));
        if (constraint is not null)
        {
            Assert.Equal(constraint, quarantined.Constraint);
        }
    }

    private static async Task<long> CountOnServerAsync(Backend backend, Device device, string condition) =>
        (await backend.SqlAsync($"select count(*)::int as count from public.push_items where owner_id = '{device.User.Id}' and {condition}"))[0]
            .GetProperty("count").GetInt64();
}
