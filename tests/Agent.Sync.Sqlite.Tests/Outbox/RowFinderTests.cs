using System.Text;
using System.Text.Json;
using Agent.Sync.Stores;

namespace Agent.Sync.Sqlite.Tests.Outbox;

/// <summary>What the file has of one key.</summary>
public sealed class RowFinderTests : StoreTest
{
    private const string Id = "0f8fad5b-d9cb-469f-a165-70867728950e";

    private static Dataset Parts { get; } = Dataset.Define("parts").Key("id", ColumnType.Uuid).Key("place", ColumnType.Integer).Column("name", ColumnType.Text, local: "title").UpdatedAt("updated_at").Build();

    [Fact]
    public async Task FindRowAsync_FileThatIsNotThere_IsNotMade()
    {
        var found = await Store.FindRowAsync(Notes, """{"id":1}""", Token);

        Assert.True(found!.Row.IsEmpty);
        Assert.Empty(found.Changes);
        Assert.False(File.Exists(FilePath));
    }

    [Fact]
    public async Task FindRowAsync_PulledRow_HasTheServersTextUnderTheServersNames()
    {
        await StartAsync(Parts, Part("one"));

        var found = await FindAsync();

        Assert.Equal(Part("one"), Encoding.UTF8.GetString(found.Row.Span));
        Assert.Empty(found.Changes);
        Assert.True(found.Base.IsEmpty);
        Assert.DoesNotContain("one", found.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task FindRowAsync_AnotherKey_HasNothing()
    {
        await StartAsync(Parts, Part("one"));

        Assert.True((await Store.FindRowAsync(Parts, $$"""{"id":"{{Id}}","place":8}""", Token))!.Row.IsEmpty);
    }

    [Fact]
    public async Task FindRowAsync_EditedRow_HasItsChangeAndItsBase()
    {
        await StartAsync(Parts, Part("one"));
        Execute("UPDATE parts SET title = 'two'");

        var found = await FindAsync();

        Assert.Equal((ChangeKind.Update, ChangeState.Waiting), (Assert.Single(found.Changes).Kind, found.Changes[0].State));
        Assert.Equal(("two", "one"), (NameOf(found.Row), NameOf(found.Base)));
    }

    [Fact]
    public async Task FindRowAsync_DeletedRow_HasItsChangeAndNoRow()
    {
        await StartAsync(Parts, Part("one"));
        Execute("DELETE FROM parts");

        var found = await FindAsync();

        Assert.True(found.Row.IsEmpty);
        Assert.Equal(ChangeKind.Delete, Assert.Single(found.Changes).Kind);
    }

    [Theory]
    [InlineData(SqliteUuidFormat.Text, "'0f8fad5b-d9cb-469f-a165-70867728950e'")]
    [InlineData(SqliteUuidFormat.Text, "'0F8FAD5B-D9CB-469F-A165-70867728950E'")]
    [InlineData(SqliteUuidFormat.Blob, "x'5bad8f0fcbd99f46a16570867728950e'")]
    public async Task FindRowAsync_NewRowInAnySpelling_IsFound(SqliteUuidFormat format, string key)
    {
        using var store = OpenStore(options => options.UuidFormat = format);
        await store.PrepareAsync(Parts, Token);
        Execute($"INSERT INTO parts (id, place, title) VALUES ({key}, 7, 'mine')");

        var found = await FindAsync(store);

        Assert.Equal("mine", NameOf(found.Row));
        Assert.Equal(ChangeKind.Insert, Assert.Single(found.Changes).Kind);
    }

    [Fact]
    public async Task FindRowAsync_ChangeInFlightWithAnEditBehind_HasBoth()
    {
        await StartAsync(Parts, Part("one"));
        Execute("UPDATE parts SET title = 'two'");
        using (await Store.TakeAsync(new TakeRequest(Parts, ChangePart.Writes, 0, 10, 1_000_000, WholeRows: false, Lease: null), Token))
        {
            Execute("UPDATE parts SET title = 'three'");
        }

        var found = await FindAsync();

        Assert.Equal([ChangeState.InFlight, ChangeState.Waiting], found.Changes.Select(static change => change.State));
        Assert.Equal(("three", "one"), (NameOf(found.Row), NameOf(found.Base)));
    }

    [Fact]
    public async Task FindRowAsync_ParkedRow_IsFoundByItsKey()
    {
        Execute("CREATE TABLE parts (id TEXT, place INTEGER, title TEXT CHECK (title <> 'bad'), updated_at TEXT, PRIMARY KEY (id, place))");
        await StartAsync(Parts, Part("bad"));

        var found = await FindAsync();

        Assert.True(found.Row.IsEmpty);
        Assert.Equal("local_check", found.Parked!.Code);
    }

    private static string Part(string name) => $$"""{"id":"{{Id}}","place":7,"name":"{{name}}","updated_at":"2026-01-01T00:00:00+00:00"}""";

    private static string? NameOf(ReadOnlyMemory<byte> row) => JsonDocument.Parse(row).RootElement.GetProperty("name").GetString();

    private async Task<StoredRow> FindAsync(SqliteStore? store = null) => (await (store ?? Store).FindRowAsync(Parts, $$"""{"id":"{{Id}}","place":7}""", Token))!;
}
