using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using Agent.Sync.Push.Batches;

namespace Agent.Sync.IntegrationTests.Push;

/// <summary>What a dataset declares and the server does not do: said, and nothing is lost meanwhile.</summary>
public sealed class DeclarationTests(BackendFixture backends)
{
    private static readonly Dataset Numbered = Dataset.Define("numbered").Key("id", ColumnType.Integer).Column("title", ColumnType.Text).Column("note", ColumnType.Text)
        .Version("version").UpdatedAt("updated_at").Build();

    private static readonly Dataset Unmoved = Dataset.Define("unmoved").Key("id", ColumnType.Uuid).Column("title", ColumnType.Text).UpdatedAt("updated_at").Build();

    private static readonly Dataset HalfKey = Dataset.Define("tenants").Key("id", ColumnType.Integer).Column("title", ColumnType.Text).Version("version").UpdatedAt("updated_at").Build();

    private static readonly Dataset WholeKey = Dataset.Define("tenants").Key("tenant", ColumnType.Uuid).Key("id", ColumnType.Integer).Column("title", ColumnType.Text)
        .Version("version").UpdatedAt("updated_at").Build();

    private static readonly Dataset Zoneless = Dataset.Define("zoneless").Key("id", ColumnType.Integer).Column("title", ColumnType.Text).UpdatedAt("updated_at").Build();

    private static readonly Dataset Ages = Dataset.Define("ages").Key("id", ColumnType.Integer).Column("title", ColumnType.Text).Column("seen", ColumnType.Timestamptz)
        .Version("version").UpdatedAt("updated_at").Build();

    public static TheoryData<bool, ConflictPolicy, bool> Identities { get; } = new MatrixTheoryData<bool, ConflictPolicy, bool>(
        [true, false], [ConflictPolicy.ServerWins, ConflictPolicy.LocalWins], [true, false]);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Identities))]
    public async Task SyncAsync_TwoDevicesCountToOneNumber_LosesNeitherRow(bool kit, ConflictPolicy policy, bool isRowid)
    {
        var backend = await backends.GetAsync(kit);
        var user = await backend.SignUpAsync();
        await using var devices = new DeviceGroup([new Device(backend, user, Numbered), new Device(backend, user, Numbered)]);
        var number = NewNumber();
        foreach (var (device, title) in devices.Devices.Zip(["first", "second"]))
        {
            device.Configure = options => options.Push.ConflictPolicy = policy;
            if (isRowid)
            {
                await device.EditAsync($"create table numbered (id integer primary key, title text, note text)");
            }

            await device.SyncAsync(cancellationToken: Token);
            await device.EditAsync($"insert into numbered (id, title, note) values ({number}, {title}, {title})");
        }

        var first = await devices.Devices[0].SyncAsync(cancellationToken: Token);
        var second = await devices.Devices[1].SyncAsync(cancellationToken: Token);
        await devices.Devices[1].SyncAsync(cancellationToken: Token);

        Assert.Equal((SyncOutcome.Completed, SyncOutcome.CompletedWithQuarantine), (first.Outcome, second.Outcome));
        Assert.Equal(ChangeCodes.KeyTaken, Assert.Single(await devices.Devices[1].ChangesAsync()).Code);
        Assert.Equal("first first", await TitleAsync(backend, number));
        Assert.Equal("second", await LocalRows.ScalarAsync(devices.Devices[1].DatabasePath, "select title from numbered"));

        await devices.Devices[1].EditAsync($"update numbered set id = {number + 1}");
        Assert.Equal((SyncOutcome.Completed, 1), await OutcomeAsync(devices.Devices[1]));
        Assert.Equal((SyncOutcome.Completed, 0), await OutcomeAsync(devices.Devices[0]));
        Assert.Equal("second second", await TitleAsync(backend, number + 1));
        foreach (var device in devices.Devices)
        {
            Assert.Equal(2L, await device.CountAsync());
            await device.AssertEqualToServerAsync();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Discard_KeyTaken_BringsTheOtherRow(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        await using var device = new Device(backend, await backend.SignUpAsync(), Numbered);
        var number = NewNumber();
        await device.SyncAsync(cancellationToken: Token);
        await device.EditAsync($"insert into numbered (id, title) values ({number}, 'mine')");
        await backend.SqlAsync($"insert into public.numbered (id, title, note, owner_id) values ({number}, 'theirs', 'theirs', '{device.User.Id}')");
        await device.SyncAsync(cancellationToken: Token);

        await using (var open = device.Open())
        {
            Assert.Equal(1, await open.Engine.DiscardChangesAsync("numbered", cancellationToken: Token));
        }

        Assert.Equal((SyncOutcome.Completed, 0), await OutcomeAsync(device));
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_NothingMovesTheCursor_SaysSoOnceTheEditIsThere()
    {
        var backend = await backends.GetAsync(kit: false);
        await using var device = new Device(backend, await backend.SignUpAsync(), Unmoved);
        await backend.SqlAsync($"insert into public.unmoved (title, owner_id) values ('old', '{device.User.Id}')");
        await device.SyncAsync(cancellationToken: Token);
        await device.EditAsync($"update unmoved set title = 'mine'");

        var exception = await Assert.ThrowsAsync<SyncSchemaException>(() => device.SyncAsync(cancellationToken: Token));

        Assert.Contains("without moving column 'updated_at'", exception.Message, StringComparison.Ordinal);
        Assert.Empty(await device.ChangesAsync());
        Assert.Single(await backend.SqlAsync($"select 1 from public.unmoved where owner_id = '{device.User.Id}' and title = 'mine'"));

        // The message's own SQL mends it.
        var sql = exception.Message[exception.Message.IndexOf("create function", StringComparison.Ordinal)..exception.Message.IndexOf(" then touch", StringComparison.Ordinal)];
        await backend.SqlAsync(sql);
        await device.EditAsync($"update unmoved set title = 'mine again'");
        Assert.Equal((SyncOutcome.Completed, 1), await OutcomeAsync(device));
        await backend.SqlAsync("drop trigger unmoved_stamp on public.unmoved; drop function public.unmoved_stamp()");
    }

    [Fact]
    public async Task SyncAsync_NothingMovesTheCursorButTheKit_Completes()
    {
        var backend = await backends.GetAsync(kit: true);
        await using var device = new Device(backend, await backend.SignUpAsync(), Unmoved);
        await backend.SqlAsync($"insert into public.unmoved (title, owner_id) values ('old', '{device.User.Id}')");
        await device.SyncAsync(cancellationToken: Token);
        await device.EditAsync($"update unmoved set title = 'mine'");

        Assert.Equal((SyncOutcome.Completed, 1), await OutcomeAsync(device));
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_KitHasAnotherKey_NamesBoth()
    {
        var backend = await backends.GetAsync(kit: true);
        await using var device = new Device(backend, await backend.SignUpAsync(), HalfKey);

        var exception = await Assert.ThrowsAsync<SyncSchemaException>(() => device.SyncAsync(cancellationToken: Token));

        Assert.Equal(SyncErrorKind.SqlKit, exception.Kind);
        Assert.Contains("with the key (tenant, id), but dataset 'tenants' declares the key (id)", exception.Message, StringComparison.Ordinal);
        device.Datasets = [WholeKey];
        await backend.SqlAsync($"insert into public.tenants (tenant, id, owner_id) select gen_random_uuid(), 1, '{device.User.Id}' from generate_series(1, 3)");
        Assert.Equal((SyncOutcome.Completed, 0), await OutcomeAsync(device));
        Assert.Equal(3L, await device.CountAsync());
    }

    [Fact]
    public async Task SyncAsync_KeyIsNotUniqueWithoutTheKit_SaysSo()
    {
        var backend = await backends.GetAsync(kit: false);
        await using var device = new Device(backend, await backend.SignUpAsync(), HalfKey);
        await backend.SqlAsync($"insert into public.tenants (tenant, id, owner_id) select gen_random_uuid(), 1, '{device.User.Id}' from generate_series(1, 3)");

        var exception = await Assert.ThrowsAsync<SyncProtocolException>(() => device.SyncAsync(cancellationToken: Token));

        Assert.Equal(SyncErrorKind.OutOfOrder, exception.Kind);
        Assert.Contains("key is not unique", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SyncAsync_CursorWithoutTimeZone_SaysHowToMendIt()
    {
        var backend = await backends.GetAsync(kit: false);
        await using var device = new Device(backend, await backend.SignUpAsync(), Zoneless);
        await backend.SqlAsync($"insert into public.zoneless (id, owner_id) values ({NewNumber()}, '{device.User.Id}')");

        var exception = await Assert.ThrowsAsync<SyncSchemaException>(() => device.SyncAsync(cancellationToken: Token));

        Assert.Contains("type timestamptz using", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_EveryTimeThatPostgresHas_ArrivesAndIsReadOnce(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        await using var device = new Device(backend, await backend.SignUpAsync(), Ages);
        string[] times = ["4713-01-02 00:00:00+00 BC", "0044-03-15 12:00:00.5+00 BC", "0001-01-01 00:00:00+00", "9999-12-31 23:59:59.999999+00", "10000-01-01 00:00:00+00", "294276-12-31 00:00:00+00", "infinity", "-infinity"];
        foreach (var time in times)
        {
            await backend.SqlAsync($"insert into public.ages (title, seen, updated_at, owner_id) values ('a', '{time}', '{time}', '{device.User.Id}')");
        }

        Assert.Equal((SyncOutcome.Completed, 0), await OutcomeAsync(device));
        Assert.Equal((SyncOutcome.Completed, 0), await OutcomeAsync(device));

        Assert.Equal((long)times.Length, await device.CountAsync());
        await device.EditAsync($"update ages set title = 'edited'");
        if (kit)
        {
            Assert.Equal((SyncOutcome.Completed, times.Length), await OutcomeAsync(device));
            Assert.Equal((long)times.Length, (await backend.SqlAsync($"select count(*) as n from public.ages where owner_id = '{device.User.Id}' and title = 'edited' and seen = updated_at"))[0].GetProperty("n").GetInt64());
        }
    }

    private static async Task<(SyncOutcome Outcome, long Pushed)> OutcomeAsync(Device device)
    {
        var result = await device.SyncAsync(cancellationToken: Token);
        return (result.Outcome, result.Pushed);
    }

    // The local backend reads a number as a double.
    private static long NewNumber() => 1_000_000_000 + (BitConverter.ToInt64(Guid.NewGuid().ToByteArray()) & ((1L << 51) - 1));

    private static async Task<string?> TitleAsync(Backend backend, long id) =>
        (await backend.SqlAsync($"select title || ' ' || coalesce(note, '') as text from public.numbered where id = {id}")).Select(static row => row.GetProperty("text").GetString()).SingleOrDefault();
}
