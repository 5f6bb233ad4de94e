using Agent.Sync.Stores;
using Agent.Sync.Testing.Local;

namespace Agent.Sync.Sqlite.Tests.Outbox;

/// <summary>A key whose column compares without case, under an index that does not: keys that differ in case alone are two rows, as they are on the server.</summary>
public sealed class CollatedKeyTests : OutboxTest
{
    private const string Columns = "id TEXT COLLATE NOCASE, title TEXT, updated_at TEXT, version INTEGER";

    private static readonly Dataset Parts = Dataset.Define("parts")
        .Key("id", ColumnType.Text).Column("title", ColumnType.Text).UpdatedAt("updated_at").Version("version").Build();

    [Fact]
    public async Task Take_EditsOfTwoKeysThatDifferInCase_SendsEachUnderItsOwn()
    {
        await StartAsync();
        Execute("UPDATE parts SET title = 'x' WHERE id = 'a' COLLATE BINARY; UPDATE parts SET title = 'y' WHERE id = 'A' COLLATE BINARY");

        Assert.Equal(["""Update {"id":"a"} 1 {"title":"x"}""", """Update {"id":"A"} 2 {"title":"y"}"""], await TakeTextsAsync(Parts));
    }

    [Fact]
    public async Task Settle_OneOfTwoKeysThatDifferInCase_LeavesTheOther()
    {
        await StartAsync();
        Execute("UPDATE parts SET title = 'x'");
        var changes = await TakeAsync(Parts);

        await SettleAsync(Parts, changes[0].Id, SettlementKind.TakeServer, Part("a", "theirs", 3));
        Assert.Equal("a=theirs,A=x", Read());
        await SettleAsync(Parts, changes[1].Id, SettlementKind.TakeServer);

        Assert.Equal("a=theirs", Read());
    }

    [Fact]
    public async Task Settle_WithAnEditBehindOfTheOtherKey_SendsThatOneStill()
    {
        await StartAsync();
        Execute("UPDATE parts SET title = 'x' WHERE id = 'a' COLLATE BINARY");
        var change = (await TakeAsync(Parts)).Single();
        Execute("UPDATE parts SET title = 'y' WHERE id = 'A' COLLATE BINARY");

        await SettleAsync(Parts, change.Id, SettlementKind.Return);

        Assert.Equal(["""Update {"id":"a"} 1 {"title":"x"}""", """Update {"id":"A"} 2 {"title":"y"}"""], await TakeTextsAsync(Parts));
    }

    [Fact]
    public async Task Apply_RowWhoseOtherCaseIsEdited_TakesTheRow()
    {
        await StartAsync();
        Execute("UPDATE parts SET title = 'x' WHERE id = 'a' COLLATE BINARY");

        await ApplyAsync(Parts, Part("A", "theirs", 3));

        Assert.Equal("a=x,A=theirs", Read());
        Assert.Equal(["""Update {"id":"a"} 1 {"title":"x"}"""], await TakeTextsAsync(Parts));
    }

    [Fact]
    public async Task Discard_OneOfTwoKeysThatDifferInCase_LeavesTheOther()
    {
        await StartAsync();
        Execute("UPDATE parts SET title = 'x'");
        var change = (await Store.ListChangesAsync(Parts, null, 0, 10, Token))[1];

        await Store.DiscardChangesAsync(Parts, [change.Id], Token);

        Assert.Equal("a=x,A=two", Read());
    }

    [Fact]
    public async Task Update_OfTheKeysCase_IsADeleteAndAnInsert()
    {
        await StartAsync();
        Execute("DELETE FROM parts WHERE id = 'A' COLLATE BINARY");
        await SettleAsync(Parts, (await TakeAsync(Parts)).Single().Id, SettlementKind.Acknowledge);
        Execute("UPDATE parts SET id = 'A'");

        Assert.Equal(["""Insert {"id":"A"} {"id":"A","title":"one"}""", """Delete {"id":"a"} 1"""], await TakeTextsAsync(Parts));
    }

    [Fact]
    public async Task ApplyDeletion_OfOneOfTwoKeysThatDifferInCase_LeavesTheOther()
    {
        var deletable = Dataset.Define("parts").Key("id", ColumnType.Text).Column("title", ColumnType.Text).UpdatedAt("updated_at").Version("version").DeletedAt("deleted_at").Build();
        Execute($"CREATE TABLE parts ({Columns}, deleted_at TEXT); CREATE UNIQUE INDEX parts_key ON parts (id COLLATE BINARY)");
        await StartAsync(deletable, Deletable("a", 1, "null"), Deletable("A", 1, "null"));

        await ApplyAsync(deletable, Deletable("A", 2, "\"2026-01-02T00:00:00+00:00\""));

        Assert.Equal("a=one", Read());

        static string Deletable(string id, long version, string deletedAt) => Part(id, "one", version).Replace("\"version\"", $"\"deleted_at\":{deletedAt},\"version\"", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Swap_ThatBroughtOneOfTwoKeys_RemovesTheOther()
    {
        await StartAsync();

        await ApplyAsync(Store, Parts, 1, Part("A", "two", 2));
        await Store.SwapGenerationAsync(new GenerationSwap(Parts, 1, 1, null), Token);

        Assert.Equal("A=two", Read());
    }

    private static string Part(string id, string title, long version) =>
        $$"""{"id":"{{id}}","title":"{{title}}","updated_at":"2026-01-01T00:00:00.00000{{version}}+00:00","version":{{version}}}""";

    private Task<ApplyResult> StartAsync()
    {
        Execute($"CREATE TABLE parts ({Columns}); CREATE UNIQUE INDEX parts_key ON parts (id COLLATE BINARY)");
        return StartAsync(Parts, Part("a", "one", 1), Part("A", "two", 2));
    }

    private string? Read() => Scalar("SELECT group_concat(id || '=' || title, ',') FROM (SELECT id, title FROM parts ORDER BY id COLLATE BINARY DESC)") as string;
}
