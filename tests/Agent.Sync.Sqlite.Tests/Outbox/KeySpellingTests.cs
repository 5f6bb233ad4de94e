using Agent.Sync.Stores;
using Agent.Sync.Testing.Local;

namespace Agent.Sync.Sqlite.Tests.Outbox;

/// <summary>A key that the app spelled otherwise than the store is the same key: one row, before the push and after it.</summary>
public sealed class KeySpellingTests : OutboxTest
{
    private const string Lower = "0f8fad5b-d9cb-469f-a165-70867728950e";

    private const string Other = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

    private static readonly Guid Id = Guid.Parse(Lower);

    private static readonly Dataset Items = Dataset.Define("items")
        .Key("id", ColumnType.Uuid).Column("parent", ColumnType.Uuid).Column("name", ColumnType.Text).UpdatedAt("updated_at").Version("version").Build();

    public static TheoryData<SqliteUuidFormat, object> Spellings => new()
    {
        { SqliteUuidFormat.Text, Lower },
        { SqliteUuidFormat.Text, Lower.ToUpperInvariant() },
        { SqliteUuidFormat.Text, $"{{{Lower}}}" },
        { SqliteUuidFormat.Text, Id.ToString("N") },
        { SqliteUuidFormat.Text, Id.ToByteArray() },
        { SqliteUuidFormat.Blob, Lower },
        { SqliteUuidFormat.Blob, Lower.ToUpperInvariant() },
        { SqliteUuidFormat.Blob, Id.ToByteArray() },
    };

    [Theory]
    [MemberData(nameof(Spellings))]
    public async Task Settle_InsertInAnySpelling_LeavesOneRow(SqliteUuidFormat format, object id)
    {
        using var store = OpenStore(options => options.UuidFormat = format);
        await store.PrepareAsync(Items, Token);
        Edit("INSERT INTO items (id, parent, name) VALUES ($id, $id, 'mine')", id);

        var change = (await TakeAsync(Items, store: store)).Single();
        Assert.Equal($$"""Insert {"id":"{{Lower}}"} {"id":"{{Lower}}","parent":"{{Lower}}","name":"mine"}""", change.Text);
        await SettleAsync(Items, change.Id, SettlementKind.Acknowledge, Item(Lower, Lower, "mine"), store: store);
        await ApplyAsync(store, Items, null, Item(Lower, Lower, "mine"));

        object right = format == SqliteUuidFormat.Text ? Lower.ToUpperInvariant() : Id.ToByteArray();
        Assert.Equal(1L, Scalar("SELECT count(*) FROM items"));
        Assert.Equal(1L, Scalar("SELECT count(*) FROM items WHERE id = $id AND parent = $id AND version = 1", ("$id", right)));
        Edit("UPDATE items SET name = 'edited' WHERE id = $id", right);
        Assert.Equal([$$"""Update {"id":"{{Lower}}"} 1 {"name":"edited"}"""], await TakeTextsAsync(Items, store: store));
        Assert.Equal(1, (await store.CountChangesAsync(Items, Token)).Waiting);
    }

    [Theory]
    [InlineData("AFTER UPDATE ON items BEGIN UPDATE items SET name = 'touched' WHERE id = NEW.id; END", Lower, Lower)]
    [InlineData("BEFORE UPDATE ON items BEGIN UPDATE items SET name = 'touched' WHERE id = OLD.id; END", Lower, Lower)]
    [InlineData("AFTER UPDATE ON items BEGIN UPDATE items SET name = 'touched' WHERE id = NEW.id; END", "0F8FAD5B-D9CB-469F-A165-70867728950E", Lower)]
    [InlineData("BEFORE UPDATE ON items BEGIN UPDATE items SET name = 'touched' WHERE id = OLD.id; END", "0F8FAD5B-D9CB-469F-A165-70867728950E", Lower)]
    public async Task Take_TriggerThatWritesToARowThatGetsTheStoresSpelling_SendsWhatWasTyped(string trigger, string id, string parent)
    {
        await Store.PrepareAsync(Items, Token);
        Execute($"CREATE TRIGGER app {trigger}; INSERT INTO items (id, parent, name) VALUES ('{id}', '{parent}', 'typed')");

        Assert.Equal([$$"""Insert {"id":"{{Lower}}"} {"id":"{{Lower}}","parent":"{{Lower}}","name":"typed"}"""], await TakeTextsAsync(Items));
        Assert.Equal(("typed", Lower.ToUpperInvariant()), (Scalar("SELECT name FROM items"), Scalar("SELECT id FROM items")));
    }

    [Theory]
    [MemberData(nameof(Spellings))]
    public async Task Prepare_InsertInAnySpelling_IsFoundByAPull(SqliteUuidFormat format, object id)
    {
        using var store = OpenStore(options => options.UuidFormat = format);
        await store.PrepareAsync(Items, Token);
        Edit("INSERT INTO items (id, name) VALUES ($id, 'mine')", id);

        await store.PrepareAsync(Items, Token);
        await ApplyAsync(store, Items, 1, Item(Lower, null, "theirs"));
        await store.SwapGenerationAsync(new GenerationSwap(Items, 1, 1, null), Token);

        Assert.Equal((1L, "mine"), (Scalar("SELECT count(*) FROM items"), Scalar("SELECT name FROM items")));
        Assert.Equal(1L, Scalar("SELECT count(*) FROM agent_sync_outbox_items WHERE has_base = 0 AND has_server = 1"));
    }

    [Fact]
    public async Task Take_InsertOfARowThatIsHereInAnotherSpelling_IsAnEditOfIt()
    {
        await StartAsync(Items, Item(Lower, Other, "theirs"), Item(Other, null, "other"));
        Edit("CREATE UNIQUE INDEX u ON items (name); INSERT INTO items (id, name) VALUES ($id, 'mine')", Lower);

        Assert.Equal([$$"""Update {"id":"{{Lower}}"} 1 {"name":"mine"}"""], await TakeTextsAsync(Items));
        Assert.Equal(2L, Scalar("SELECT count(*) FROM items"));
        Assert.Equal(Other.ToUpperInvariant(), Scalar("SELECT parent FROM items WHERE name = 'mine'"));
    }

    [Theory]
    [InlineData("INSERT INTO items (id, name) VALUES ($id, 'mine')")]
    [InlineData("UPDATE items SET parent = NULL; INSERT INTO items (id, name) VALUES ($id, 'mine')")]
    public async Task Prepare_ColumnOfARespelledEditIsLost_KeepsTheEdit(string edit)
    {
        await StartAsync(Items, Item(Lower, Other, "theirs"), Item(Other, null, "other"));
        Edit(edit, Lower);
        await Store.PrepareAsync(Items, Token);

        Rebuild();
        await Store.PrepareAsync(Items, Token);

        var kept = Assert.Single(await Store.ListChangesAsync(Items, ChangeState.Quarantined, 0, 10, Token));
        Assert.Equal(("column_gone", "name"), (kept.Code, kept.Constraint));
    }

    [Fact]
    public async Task Prepare_ColumnThatARespelledEditDidNotTouchIsLost_SendsTheEdit()
    {
        await StartAsync(Items, Item(Lower, Other, "theirs"));
        Edit($"INSERT INTO items (id, parent) VALUES ($id, '{Lower}')", Lower);
        await Store.PrepareAsync(Items, Token);

        Rebuild();
        await Store.PrepareAsync(Items, Token);

        Assert.Empty(await Store.ListChangesAsync(Items, ChangeState.Quarantined, 0, 10, Token));
        Assert.Equal([$$"""Update {"id":"{{Lower}}"} 1 {"parent":"{{Lower}}"}"""], await TakeTextsAsync(Items));
    }

    [Fact]
    public async Task Take_EditAndInsertOfOneRowInTwoSpellings_AreOneChange()
    {
        await StartAsync(Items, Item(Lower, Other, "theirs"));
        Edit("UPDATE items SET parent = NULL; INSERT INTO items (id, name) VALUES ($id, 'mine')", Lower);

        Assert.Equal([$$"""Update {"id":"{{Lower}}"} 1 {"parent":null,"name":"mine"}"""], await TakeTextsAsync(Items));
        Assert.Equal(1L, Scalar("SELECT count(*) FROM items"));
    }

    [Fact]
    public async Task Take_DeleteAndInsertInAnotherSpelling_IsAnUpdate()
    {
        await StartAsync(Items, Item(Lower, null, "theirs"));
        Edit("DELETE FROM items; INSERT INTO items (id, name) VALUES ($id, 'mine')", Lower);

        Assert.Equal([$$"""Update {"id":"{{Lower}}"} 1 {"name":"mine"}"""], await TakeTextsAsync(Items));
    }

    [Fact]
    public async Task Take_KeySpelledOtherwiseByAnUpdate_IsNoChange()
    {
        await StartAsync(Items, Item(Lower, Lower, "theirs"));
        Edit("UPDATE items SET id = lower(id), parent = lower(parent) WHERE $id <> ''", Lower);

        Assert.Empty(await TakeTextsAsync(Items));
        Assert.Equal(0L, Scalar("SELECT count(*) FROM agent_sync_outbox_items"));
        Assert.Equal(1L, Scalar("SELECT count(*) FROM items WHERE id = upper(id) AND parent = upper(parent)"));
    }

    [Fact]
    public async Task Take_ParentAndChildInTheAppsSpelling_StayJoined()
    {
        await Store.PrepareAsync(Items, Token);
        Edit("INSERT INTO items (id, name) VALUES ($id, 'parent')", Lower);
        Edit($"INSERT INTO items (id, parent, name) VALUES ('{Other}', $id, 'child')", Lower);

        await TakeAsync(Items);

        Assert.Equal("parent", Scalar("SELECT p.name FROM items c JOIN items p ON p.id = c.parent"));
    }

    [Fact]
    public async Task Tombstone_OfARowInTheAppsSpelling_FindsItsChange()
    {
        var sequenced = Items.Sequenced();
        await Store.PrepareAsync(sequenced, Token);
        Edit("INSERT INTO items (id, name) VALUES ($id, 'mine')", Lower);
        await Store.PrepareAsync(sequenced, Token);
        var tombstones = sequenced.Tombstones("agent_sync", "items");
        using var page = PageOf(tombstones, $$"""{"id":"{{Lower}}","sync_seq":7}""");

        await Store.ApplyAsync(new ApplyBatch(tombstones, [page], null, null) { AreTombstones = true }, Token);

        Assert.Equal("mine", Scalar("SELECT name FROM items"));
        Assert.Equal([$$"""Insert {"id":"{{Lower}}"} {"id":"{{Lower}}","name":"mine"}"""], await TakeTextsAsync(sequenced));
    }

    [Theory]
    [InlineData(ColumnType.Text, "TEXT", 7)]
    [InlineData(ColumnType.Text, "", 7)]
    [InlineData(ColumnType.Text, "", "7")]
    [InlineData(ColumnType.Integer, "INTEGER", "7")]
    [InlineData(ColumnType.Integer, "NUMERIC", "7.0")]
    [InlineData(ColumnType.Integer, "", 7)]
    public async Task Settle_KeyOfAnotherTypeInAnySpelling_LeavesOneRow(ColumnType type, string declared, object id)
    {
        var dataset = Dataset.Define("items").Key("tenant", ColumnType.Uuid).Key("id", type).Column("name", ColumnType.Text).UpdatedAt("updated_at").Version("version").Build();
        Execute($"CREATE TABLE items (tenant TEXT NOT NULL, id {declared} NOT NULL, name TEXT, PRIMARY KEY (tenant, id))");
        await Store.PrepareAsync(dataset, Token);
        Edit($"INSERT INTO items (tenant, id, name) VALUES ('{Lower}', $id, 'mine')", id);

        var change = (await TakeAsync(dataset)).Single();
        await SettleAsync(dataset, change.Id, SettlementKind.Acknowledge, $$"""{"tenant":"{{Lower}}","id":{{(type == ColumnType.Text ? "\"7\"" : "7")}},"name":"mine","updated_at":"2026-01-01T00:00:00+00:00","version":1}""");

        Assert.Equal((1L, "7", 1L), (Scalar("SELECT count(*) FROM items"), Scalar("SELECT CAST(id AS TEXT) FROM items"), Scalar("SELECT version FROM items")));
        Assert.Equal(0, (await Store.CountChangesAsync(dataset, Token)).Waiting);
    }

    [Fact]
    public async Task Take_TextThatIsNoKeyOfItsType_GoesIntoQuarantineByName()
    {
        Execute("CREATE TABLE items (id TEXT NOT NULL PRIMARY KEY, name TEXT)");
        await Store.PrepareAsync(Items, Token);
        Edit("INSERT INTO items (id, name) VALUES ('no uuid', 'mine'), ($id, 'fits')", Lower);

        Assert.Single(await TakeTextsAsync(Items));
        var quarantined = (await Store.ListChangesAsync(Items, ChangeState.Quarantined, 0, 10, Token)).Single();
        Assert.Equal(("local_value", "id"), (quarantined.Code, quarantined.Constraint));
    }

    private static string Item(string id, string? parent, string name) =>
        $$"""{"id":"{{id}}","parent":{{(parent is null ? "null" : $"\"{parent}\"")}},"name":"{{name}}","updated_at":"2026-01-01T00:00:00+00:00","version":1,"sync_seq":5}""";

    private void Edit(string sql, object id)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The tests' own statements.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.Parameters.AddWithValue("$id", id);
        command.ExecuteNonQuery();
    }

    /// <summary>Makes the table anew without the name, as a migration does.</summary>
    private void Rebuild() => Execute(
        """
        CREATE TABLE n (id TEXT PRIMARY KEY, parent TEXT, updated_at TEXT, version INTEGER);
        INSERT INTO n SELECT id, parent, updated_at, version FROM items; DROP TABLE items; ALTER TABLE n RENAME TO items
        """);
}
