using Agent.Sync.Stores;

namespace Agent.Sync.Sqlite.Tests.Schema;

public sealed class SchemaTests : StoreTest
{
    private static readonly Dataset All = Dataset.Define("everything")
        .Key("id", ColumnType.Uuid).Column("t", ColumnType.Text).Column("n", ColumnType.Integer).Column("b", ColumnType.Boolean)
        .Column("d", ColumnType.Double).Column("m", ColumnType.Numeric).Column("j", ColumnType.Json).Column("x", ColumnType.Bytes)
        .Column("day", ColumnType.Date).UpdatedAt("updated_at").Build();

    [Fact]
    public async Task Prepare_NoTable_MakesARowidTableWithDeclaredTypes()
    {
        var state = await Store.PrepareAsync(All, Token);

        Assert.False(state.HasRows);
        Assert.Equal(
            "id TEXT,t TEXT,n INTEGER,b INTEGER,d REAL,m TEXT,j TEXT,x BLOB,day TEXT,updated_at TEXT",
            Scalar("SELECT group_concat(name || ' ' || type) FROM pragma_table_info('everything')"));
        Assert.Equal(0L, Scalar("SELECT wr FROM pragma_table_list WHERE name = 'everything'"));
        Assert.Equal(1L, Scalar("SELECT \"notnull\" FROM pragma_table_info('everything') WHERE pk = 1"));
    }

    [Fact]
    public async Task Prepare_NumberAsKey_MakesATableThatGivesNoKeyByItself()
    {
        await Store.PrepareAsync(Notes, Token);

        var exception = Assert.Throws<Microsoft.Data.Sqlite.SqliteException>(() => Execute("INSERT INTO notes (body) VALUES ('mine')"));

        Assert.Contains("notes.id", exception.Message, StringComparison.Ordinal);
        Execute("INSERT INTO notes (id, body) VALUES (7, 'mine')");
        Assert.Equal(7L, Scalar("SELECT id FROM notes WHERE id = 7 AND typeof(id) = 'integer'"));
        Assert.Equal("BIGINT", Scalar("SELECT type FROM pragma_table_info('notes') WHERE name = 'id'"));
    }

    [Fact]
    public async Task Prepare_BlobUuids_DeclaresThemBlob()
    {
        using var store = OpenStore(static options => options.UuidFormat = SqliteUuidFormat.Blob);

        await store.PrepareAsync(All, Token);

        Assert.Equal("BLOB", Scalar("SELECT type FROM pragma_table_info('everything') WHERE name = 'id'"));
    }

    [Fact]
    public async Task Prepare_OtherUuidFormatThanTheTables_IsRefused()
    {
        await Store.PrepareAsync(All, Token);
        using var store = OpenStore(static options => options.UuidFormat = SqliteUuidFormat.Blob);

        var exception = await Assert.ThrowsAsync<SyncSchemaException>(async () => await store.PrepareAsync(All, Token));

        Assert.Contains("'id'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prepare_Again_KeepsStoreIdAndSeesRows()
    {
        var first = await Store.PrepareAsync(Notes, Token);
        await ApplyAsync(Notes, Note(1, "a"));
        Store.Dispose();
        using var reopened = OpenStore();

        var second = await reopened.PrepareAsync(Notes, Token);

        Assert.Equal(first with { HasRows = true }, second);
        Assert.NotEqual(Guid.Empty, first.StoreId);
    }

    [Fact]
    public async Task Prepare_AnotherFile_HasAnotherStoreId()
    {
        using var other = OpenStore(options => options.DatabasePath = FilePath + "2");

        Assert.NotEqual((await Store.PrepareAsync(Notes, Token)).StoreId, (await other.PrepareAsync(Notes, Token)).StoreId);
    }

    [Fact]
    public async Task Prepare_NewColumns_AddsThem()
    {
        await StartAsync(Notes, Note(1, "a"));
        var wider = SampleDatasets.Of("notes", "body")
            .Column("size", ColumnType.Integer).Build();

        var state = await Store.PrepareAsync(wider, Token);

        Assert.True(state.HasRows);
        Assert.Equal("INTEGER", Scalar("SELECT type FROM pragma_table_info('notes') WHERE name = 'size'"));
        Assert.Equal("a", BodyOf(1));
    }

    [Fact]
    public async Task Prepare_RetypedColumn_IsRefusedNamingBothTypesAndChangesNothing()
    {
        await Store.PrepareAsync(Notes, Token);
        var retyped = Dataset.Define("notes").Key("id", ColumnType.Integer).Column("more", ColumnType.Text)
            .Column("body", ColumnType.Integer).UpdatedAt("updated_at").Build();

        var exception = await Assert.ThrowsAsync<SyncSchemaException>(async () => await Store.PrepareAsync(retyped, Token));

        Assert.Equal((SyncErrorKind.LocalSchema, "notes"), (exception.Kind, exception.Dataset));
        Assert.All(new[] { "notes", "'body'", "'TEXT'", "Integer", "INTEGER" }, part => Assert.Contains(part, exception.Message, StringComparison.Ordinal));
        Assert.Equal(0L, Scalar("SELECT count(*) FROM pragma_table_info('notes') WHERE name = 'more'"));
    }

    [Theory]
    [InlineData("id INTEGER PRIMARY KEY, body TEXT, updated_at TEXT")]
    [InlineData("ID BIGINT PRIMARY KEY, Body NVARCHAR(200), Updated_At DATETIME, note TEXT")]
    [InlineData("id INTEGER PRIMARY KEY, body TEXT NOT NULL, updated_at TEXT NOT NULL, stars INT NOT NULL DEFAULT 0")]
    [InlineData("local INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, id INT UNIQUE, body TEXT, updated_at TEXT")]
    [InlineData("id INTEGER PRIMARY KEY, body TEXT, updated_at TEXT, size INT NOT NULL AS (length(body)) STORED")]
    [InlineData("id, body, updated_at, UNIQUE (id)")]
    public async Task Prepare_TableOfTheApp_IsUsedAsItIs(string columns)
    {
        Execute($"CREATE TABLE notes ({columns})");

        await StartAsync(Notes, Note(1, "a"));

        Assert.Equal("a", BodyOf(1));
    }

    [Theory]
    [InlineData("id INTEGER PRIMARY KEY, body TEXT, updated_at TEXT, owner TEXT NOT NULL", "'owner'")]
    [InlineData("id INTEGER, body TEXT, updated_at TEXT", "(id)")]
    [InlineData("id INTEGER, body TEXT, updated_at TEXT, PRIMARY KEY (id, body)", "(id)")]
    [InlineData("other INTEGER PRIMARY KEY, body TEXT, updated_at TEXT", "(id)")]
    [InlineData("id INTEGER PRIMARY KEY, body REAL, updated_at TEXT", "'body'")]
    [InlineData("id INTEGER PRIMARY KEY, body JSON, updated_at TEXT", "'body'")]
    [InlineData("id INTEGER PRIMARY KEY, body TEXT, updated_at INTEGER", "'updated_at'")]
    [InlineData("id TEXT PRIMARY KEY, body TEXT, updated_at TEXT", "'id'")]
    [InlineData("id INTEGER PRIMARY KEY, src TEXT, body TEXT AS (src), updated_at TEXT", "'body'")]
    public async Task Prepare_TableThatDoesNotFit_IsRefusedNamingThePart(string columns, string part)
    {
        Execute($"CREATE TABLE notes ({columns})");

        var exception = await Assert.ThrowsAsync<SyncSchemaException>(async () => await Store.PrepareAsync(Notes, Token));

        Assert.Equal(SyncErrorKind.LocalSchema, exception.Kind);
        Assert.Contains(part, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prepare_TextKeyUniqueWithoutCase_IsRefused()
    {
        Execute("CREATE TABLE parts (id TEXT COLLATE NOCASE PRIMARY KEY, updated_at TEXT)");
        var dataset = Dataset.Define("parts").Key("id", ColumnType.Text).UpdatedAt("updated_at").Build();

        await Assert.ThrowsAsync<SyncSchemaException>(async () => await Store.PrepareAsync(dataset, Token));
    }

    [Fact]
    public async Task Prepare_PartialUniqueIndex_IsNoKey()
    {
        Execute("CREATE TABLE notes (id INTEGER, body TEXT, updated_at TEXT); CREATE UNIQUE INDEX u ON notes (id) WHERE body IS NULL");

        await Assert.ThrowsAsync<SyncSchemaException>(async () => await Store.PrepareAsync(Notes, Token));
    }

    [Theory]
    [InlineData("CREATE VIEW notes AS SELECT 1 AS id, 'a' AS body, 'b' AS updated_at", "is a view:")]
    [InlineData("CREATE VIRTUAL TABLE notes USING fts5 (id, body, updated_at)", "is a virtual table:")]
    public async Task Prepare_NoTableOfItsOwn_IsRefusedByItsName(string sql, string name)
    {
        Execute(sql);

        var exception = await Assert.ThrowsAsync<SyncSchemaException>(async () => await Store.PrepareAsync(Notes, Token));

        Assert.Contains(name, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prepare_PartOfAVirtualTable_IsRefusedByItsName()
    {
        Execute("CREATE VIRTUAL TABLE texts USING fts5 (body)");
        var dataset = Dataset.Define("notes").ToTable("texts_data").Key("id", ColumnType.Integer).UpdatedAt("updated_at").Build();

        var exception = await Assert.ThrowsAsync<SyncSchemaException>(async () => await Store.PrepareAsync(dataset, Token));

        Assert.Contains("is part of a virtual table:", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prepare_NameOfBookkeeping_IsRefused()
    {
        var dataset = Dataset.Define("x").ToTable("agent_sync_meta").Key("id", ColumnType.Integer).UpdatedAt("updated_at").Build();

        await Assert.ThrowsAsync<SyncSchemaException>(async () => await Store.PrepareAsync(dataset, Token));
    }

    [Fact]
    public async Task Open_NewerBookkeeping_IsRefusedSayingSo()
    {
        await Store.PrepareAsync(Notes, Token);
        Execute("UPDATE agent_sync_meta SET value = 99 WHERE name = 'schema_version'");
        using var store = OpenStore();

        var exception = await Assert.ThrowsAsync<SyncStoreException>(async () => await store.PrepareAsync(Notes, Token));

        Assert.Equal(SyncErrorKind.StoreFailed, exception.Kind);
        Assert.Contains("99", exception.Message, StringComparison.Ordinal);
        Assert.Contains("update the library", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_TableDroppedSincePrepared_SaysSoAndRecovers()
    {
        await StartAsync(Notes, Note(1, "a"));
        Execute("DROP TABLE notes");

        await Assert.ThrowsAsync<SyncStoreException>(() => ApplyAsync(Notes, Note(1, "a")));
        await StartAsync(Notes, Note(1, "a"));

        Assert.Equal("a", BodyOf(1));
    }
}
