using Agent.Sync.Stores;

namespace Agent.Sync.Sqlite.Tests.Applying;

public sealed class ApplyTests : StoreTest
{
    private static readonly Dataset Versioned = SampleDatasets.Of("notes", "body").Version("version").Build();

    private static readonly Dataset Removing = SampleDatasets.Of("notes", "body").DeletedAt("deleted_at").Build();

    private static readonly Dataset Marking = SampleDatasets.Of("notes", "body").DeletedAt("deleted_at", DeleteHandling.Mark).Build();

    [Fact]
    public async Task Apply_NewRows_CountsThemApplied()
    {
        var result = await StartAsync(Notes, Note(1, "a"), Note(2, "b"));

        Assert.Equal(new ApplyResult(2, 0, 0), result);
        Assert.Equal("b", BodyOf(2));
    }

    [Theory]
    [InlineData(false, "new")]
    [InlineData(true, null)]
    public async Task Apply_OverARowWithoutAVersion_TakesTheServersRow(bool isDeleted, string? expected)
    {
        var dataset = SampleDatasets.Of("notes", "body").Version("version").DeletedAt("deleted_at").Build();
        await StartAsync(dataset, Row("old", "null"));
        Execute("UPDATE notes SET version = NULL; DELETE FROM agent_sync_outbox_notes");

        await ApplyAsync(dataset, Row("new", isDeleted ? "\"2026-01-01T00:00:00+00:00\"" : "null"));

        Assert.Equal(expected, BodyOf(1));

        static string Row(string body, string deletedAt) =>
            $$"""{"id":1,"body":"{{body}}","updated_at":"2026-01-01T00:00:00+00:00","version":1,"deleted_at":{{deletedAt}}}""";
    }

    [Fact]
    public async Task Apply_EqualVersion_LeavesTheRow()
    {
        await StartAsync(Notes, Note(1, "a"));

        var result = await ApplyAsync(Notes, Note(1, "changed without a new version"));

        Assert.Equal(new ApplyResult(0, 1, 0), result);
        Assert.Equal("a", BodyOf(1));
    }

    [Theory]
    [InlineData("2026-01-01T00:00:00+00:00", "2026-01-01T00:00:00.000001+00:00")]
    [InlineData("2026-01-01T00:00:00.5+00:00", "2026-01-01T00:00:00.51+00:00")]
    [InlineData("2026-01-01T00:00:00.999999+00:00", "2026-01-01T00:00:01+00:00")]
    [InlineData("2026-01-01T02:00:00+02:00", "2026-01-01T00:30:00+00:00")]
    [InlineData("-infinity", "2026-01-01T00:00:00+00:00")]
    [InlineData("2026-01-01T00:00:00+00:00", "infinity")]
    public async Task Apply_WithoutVersionColumn_TakesTheOtherInstantWhetherItRoseOrFell(string earlier, string later)
    {
        await StartAsync(Notes, Note(1, "before", earlier), Note(2, "before", later));

        var result = await ApplyAsync(Notes, Note(1, "after", later), Note(2, "after", earlier));

        Assert.Equal(new ApplyResult(2, 0, 0), result);
        Assert.Equal(("after", "after"), (BodyOf(1), BodyOf(2)));
    }

    [Theory]
    [InlineData("2026-01-01T00:00:00.5+00:00", "2026-01-01T00:00:00.500000+00:00")]
    [InlineData("2026-01-01T02:00:00+02:00", "2026-01-01T00:00:00+00:00")]
    [InlineData("infinity", "infinity")]
    public async Task Apply_SameInstantInAnotherText_LeavesTheRow(string first, string second)
    {
        await StartAsync(Notes, Note(1, "before", first));

        var result = await ApplyAsync(Notes, Note(1, "after", second));

        Assert.Equal((new ApplyResult(0, 1, 0), "before"), (result, BodyOf(1)));
    }

    [Fact]
    public async Task Apply_WithVersionColumn_IgnoresTheCursor()
    {
        await StartAsync(Versioned, Row(9, "nine", "2026-01-01T00:00:00+00:00"));

        var result = await ApplyAsync(Versioned, Row(10, "ten", "2025-01-01T00:00:00+00:00"));
        var older = await ApplyAsync(Versioned, Row(2, "two", "2027-01-01T00:00:00+00:00"));

        Assert.Equal((1L, 1L), (result.Applied, older.Unchanged));
        Assert.Equal("ten", BodyOf(1));

        static string Row(int version, string body, string updatedAt) =>
            $$"""{"id":1,"body":"{{body}}","updated_at":"{{updatedAt}}","version":{{version}}}""";
    }

    [Fact]
    public async Task Apply_OverLocalRowWithoutVersion_TakesTheServers()
    {
        Execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT); INSERT INTO notes (id, body) VALUES (1, 'local')");

        await StartAsync(Notes, Note(1, "server"));

        Assert.Equal("server", BodyOf(1));
    }

    [Fact]
    public async Task Apply_DeletedRow_RemovesTheLocalOne()
    {
        await StartAsync(Removing, Deletable(1, 1, isDeleted: false));

        var result = await ApplyAsync(Removing, Deletable(1, 2, isDeleted: true), Deletable(7, 2, isDeleted: true));

        Assert.Equal(new ApplyResult(0, 1, 1), result);
        Assert.Equal(0, CountNotes());
    }

    [Fact]
    public async Task Apply_DeletionOfAnOlderVersion_LeavesTheRow()
    {
        var dataset = SampleDatasets.Of("notes").Version("version").DeletedAt("deleted_at").Build();
        await StartAsync(dataset, Row(5, "null"));

        var older = await ApplyAsync(dataset, Row(4, "\"2026-01-09T00:00:00+00:00\""));
        Assert.Equal((new ApplyResult(0, 1, 0), 1), (older, CountNotes()));
        var newer = await ApplyAsync(dataset, Row(6, "\"2026-01-09T00:00:00+00:00\""));

        Assert.Equal((new ApplyResult(0, 0, 1), 0), (newer, CountNotes()));

        static string Row(int version, string deletedAt) =>
            $$"""{"id":1,"updated_at":"2026-01-01T00:00:00+00:00","version":{{version}},"deleted_at":{{deletedAt}}}""";
    }

    [Fact]
    public async Task Apply_DeletionWithAFallenCursor_RemovesTheRow()
    {
        await StartAsync(Removing, Deletable(1, 5, isDeleted: false));

        var result = await ApplyAsync(Removing, Deletable(1, 4, isDeleted: true));

        Assert.Equal((new ApplyResult(0, 0, 1), 0), (result, CountNotes()));
    }

    [Fact]
    public async Task Apply_DeletedRowUnderMark_KeepsItWithItsDeletionTime()
    {
        await StartAsync(Marking, Deletable(1, 1, isDeleted: false));

        var result = await ApplyAsync(Marking, Deletable(1, 2, isDeleted: true));

        Assert.Equal(new ApplyResult(1, 0, 0), result);
        Assert.Equal("2026-01-09 00:00:00+00:00", Scalar("SELECT deleted_at FROM notes"));
    }

    [Fact]
    public async Task Apply_CompositeKey_ToldApartByAllItsColumns()
    {
        var dataset = Dataset.Define("parts").Key("tenant", ColumnType.Text).Key("id", ColumnType.Integer)
            .Column("body", ColumnType.Text).UpdatedAt("updated_at").DeletedAt("deleted_at").Build();
        await StartAsync(dataset, Part("a", 1, "x"), Part("A", 1, "y"), Part("a", 2, "z"));

        var result = await ApplyAsync(dataset, Part("a", 1, "gone", isDeleted: true), Part("A", 1, "new", second: 2));

        Assert.Equal(new ApplyResult(1, 0, 1), result);
        Assert.Equal("new,z", Scalar("SELECT group_concat(body) FROM (SELECT body FROM parts ORDER BY tenant, id)"));

        static string Part(string tenant, int id, string body, int second = 1, bool isDeleted = false) =>
            $$"""{"tenant":"{{tenant}}","id":{{id}},"body":"{{body}}","updated_at":"2026-01-01T00:00:0{{second}}+00:00","deleted_at":{{(isDeleted ? "\"2026-01-01T00:00:00+00:00\"" : "null")}}}""";
    }

    [Fact]
    public async Task Apply_SameKeyTwiceInABatch_KeepsTheOneReadLast()
    {
        var result = await StartAsync(Notes, Note(1, "first", "2026-01-02T00:00:00+00:00"), Note(1, "last"));

        Assert.Equal((new ApplyResult(2, 0, 0), "last"), (result, BodyOf(1)));
    }

    [Fact]
    public async Task Apply_RowThatDoesNotFit_RollsTheWholeBatchBack()
    {
        await StartAsync(Notes);

        var exception = await Assert.ThrowsAsync<SyncSchemaException>(
            () => ApplyAsync(Notes, Note(1, "a"), """{"id":9223372036854775808,"body":"canary","updated_at":"2026-01-01T00:00:00+00:00"}"""));

        Assert.Equal(SyncErrorKind.RemoteSchema, exception.Kind);
        Assert.Contains("'id'", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("9223372036854775808", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, CountNotes());
        Assert.Equal(1, (await ApplyAsync(Notes, Note(1, "a"))).Applied);
    }

    [Theory]
    [InlineData("""{"id":null,"body":"x","updated_at":"2026-01-01T00:00:00+00:00"}""")]
    [InlineData("""{"id":1,"body":"x","updated_at":null}""")]
    public async Task Apply_NullKeyOrVersion_IsRefused(string row)
    {
        await StartAsync(Notes);

        await Assert.ThrowsAsync<SyncSchemaException>(() => ApplyAsync(Notes, row));

        Assert.Equal(0, CountNotes());
    }

    [Fact]
    public async Task Apply_Cancelled_LeavesNothing()
    {
        await StartAsync(Notes);
        using var source = new CancellationTokenSource();
        using var first = PageOf(Notes, Note(1, "a"));
        using var second = PageOf(Notes, Note(2, "b"));
        var pages = new CancellingPages([first, second], source);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await Store.ApplyAsync(new ApplyBatch(Notes, pages, null, null), source.Token));

        Assert.Equal(0, CountNotes());
    }

    [Fact]
    public async Task Apply_PageOfAnotherDataset_IsMisuse()
    {
        await StartAsync(Notes);
        using var page = PageOf(Versioned);

        await Assert.ThrowsAsync<ArgumentException>(
            async () => await Store.ApplyAsync(new ApplyBatch(Notes, [page], null, null), Token));
    }

    [Fact]
    public async Task Apply_WhileAReaderHoldsASnapshot_GoesThrough()
    {
        await StartAsync(Notes, Note(1, "a"));
        using var reader = Connect();
        using var transaction = reader.BeginTransaction(deferred: true);
        using var command = reader.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "SELECT count(*) FROM notes";
        Assert.Equal(1L, command.ExecuteScalar());

        await ApplyAsync(Notes, Note(2, "b"));

        Assert.Equal(1L, command.ExecuteScalar());
        Assert.Equal(2, CountNotes());
    }

    [Fact]
    public async Task Apply_RowsInChildBeforeParentOrder_IgnoresForeignKeys()
    {
        Execute("CREATE TABLE parents (id INTEGER PRIMARY KEY); CREATE TABLE notes (id INTEGER PRIMARY KEY, body INTEGER REFERENCES parents, updated_at TEXT)");
        var dataset = Dataset.Define("notes").Key("id", ColumnType.Integer).Column("body", ColumnType.Integer).UpdatedAt("updated_at").Build();

        var result = await StartAsync(dataset, """{"id":1,"body":42,"updated_at":"2026-01-01T00:00:00+00:00"}""");

        Assert.Equal(1, result.Applied);
    }

    private static string Deletable(long id, int second, bool isDeleted) =>
        $$"""{"id":{{id}},"body":"b","updated_at":"2026-01-01T00:00:0{{second}}+00:00","deleted_at":{{(isDeleted ? "\"2026-01-09T00:00:00+00:00\"" : "null")}}}""";
}
