using System.Text;
using System.Text.Json;
using Agent.Sync.Sqlite;
using Agent.Sync.Testing;
using Microsoft.Data.Sqlite;

namespace Agent.Sync.Generators.Tests;

/// <summary>Entities that this project's own compiler run has generated.</summary>
public sealed class EntityTests
{
    private const string Row = """
        {"id":"0b8f7a52-8c36-4b0e-9d49-6f3f9c1d2e3f","name":"First \"one\"","note":null,"state":"in_review","former_state":"DONE","rank":-3,"stars":null,"size":9007199254740993,
        "score":1.5,"price":12.340,"is_public":true,"checked":null,"due_at":"2026-01-02T03:04:05.123456+02:00","seen":"2026-01-02T03:04:05.5","opened":"2026-01-02T03:04:05+00:00",
        "day":"2026-02-03","hour":"04:05:06.000007","image":"\\x00ff10","tags":["a","b"],"counts":null,"metadata":{"a":[1]},"raw":{"b":2},"author":{"Name":"Ada","Age":36},
        "exact_amount":123456789012345678901234567890.123456789012345,"slug":"first","version":7,"updated_at":"2026-03-04T05:06:07.000001+00:00","deleted_at":null}
        """;

    [Fact]
    public void SyncDataset_OfAnEntity_HasItsColumns()
    {
        var dataset = TypedRow.SyncDataset;

        Assert.Equal(("typed_rows", "public", "typed_rows", "typed_rows"), (dataset.Name, dataset.Schema, dataset.RemoteTable, dataset.LocalTable));
        Assert.Equal("id", dataset.Columns[0].Name);
        Assert.Equal([0], dataset.KeyOrdinals);
        Assert.Equal("updated_at", dataset.Columns[dataset.CursorOrdinal].Name);
        Assert.Equal("version", dataset.Columns[dataset.VersionOrdinal!.Value].Name);
        Assert.Equal("deleted_at", dataset.Columns[dataset.DeletedOrdinal!.Value].Name);
        Assert.DoesNotContain("slug", dataset.PushedOrdinals.Select(ordinal => dataset.Columns[ordinal].Name));
        Assert.Equal(
            [
                ("id", ColumnType.Uuid), ("name", ColumnType.Text), ("note", ColumnType.Text), ("state", ColumnType.Text), ("former_state", ColumnType.Text), ("rank", ColumnType.Integer),
                ("stars", ColumnType.Integer), ("size", ColumnType.Integer), ("score", ColumnType.Double), ("price", ColumnType.Numeric), ("is_public", ColumnType.Boolean),
                ("checked", ColumnType.Boolean), ("due_at", ColumnType.Timestamptz), ("seen", ColumnType.Timestamp), ("opened", ColumnType.Timestamptz), ("day", ColumnType.Date),
                ("hour", ColumnType.Time), ("image", ColumnType.Bytes), ("tags", ColumnType.Json), ("counts", ColumnType.Json), ("metadata", ColumnType.Json), ("raw", ColumnType.Json),
                ("author", ColumnType.Json), ("exact_amount", ColumnType.Numeric), ("slug", ColumnType.Text), ("version", ColumnType.Integer), ("updated_at", ColumnType.Timestamptz),
                ("deleted_at", ColumnType.Timestamptz),
            ],
            dataset.Columns.Select(static column => (column.Name, column.Type)));
        Assert.Equal([("exact_amount", "ExactAmount")], dataset.Columns.Where(static column => column.LocalName != column.Name).Select(static column => (column.Name, column.LocalName)));
        Assert.Same(TypedRow.SyncDataset, dataset);
    }

    [Fact]
    public void Read_OfADatasetWithOtherLocalNames_ReadsTheRows()
    {
        var dataset = Dataset.Define("notes").Key("id", ColumnType.Integer, "Id").Column("title", ColumnType.Text, "Title")
            .UpdatedAt("updated_at", "UpdatedAt").Column("body", ColumnType.Text, "Body").Build();
        using var page = Page.Parse(dataset, """[{"id":1,"title":"One","updated_at":"2026-01-01T00:00:00+00:00","body":null}]"""u8.ToArray());

        Assert.Equal("One", Assert.Single(page.Read<EntityNote>()).Title);
    }

    [Fact]
    public void Read_OfAPage_GivesEveryType()
    {
        using var page = Page.Parse(TypedRow.SyncDataset, Encoding.UTF8.GetBytes($"[{Row}]"));

        var artifact = Assert.Single(page.Read<TypedRow>());

        Assert.Equal(Guid.Parse("0b8f7a52-8c36-4b0e-9d49-6f3f9c1d2e3f"), artifact.Id);
        Assert.Equal(("First \"one\"", null), (artifact.Name, artifact.Note));
        Assert.Equal((ArtifactState.InReview, ArtifactState.Done), (artifact.State, artifact.FormerState));
        Assert.Equal(((short)-3, null, 9007199254740993L, 1.5, 12.340m), (artifact.Rank, artifact.Stars, artifact.Size, artifact.Score, artifact.Price));
        Assert.Equal((true, null), (artifact.IsPublic, artifact.Checked));
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 1, 4, 5, TimeSpan.Zero).AddTicks(1_234_560), artifact.DueAt);
        Assert.Equal((new DateTime(2026, 1, 2, 3, 4, 5, 500), DateTimeKind.Unspecified), (artifact.Seen, artifact.Seen.Kind));
        Assert.Equal((new DateTime(2026, 1, 2, 3, 4, 5), DateTimeKind.Utc), (artifact.Opened, artifact.Opened.Kind));
        Assert.Equal((new DateOnly(2026, 2, 3), new TimeOnly(4, 5, 6).Add(TimeSpan.FromMicroseconds(7))), (artifact.Day, artifact.Hour));
        Assert.Equal([0x00, 0xff, 0x10], artifact.Image!);
        Assert.Equal(["a", "b"], artifact.Tags);
        Assert.Null(artifact.Counts);
        Assert.Equal(("{\"a\":[1]}", "{\"b\":2}"), (artifact.Metadata.GetRawText(), artifact.Raw));
        Assert.Equal(new Author("Ada", 36), artifact.Author);
        Assert.Equal("123456789012345678901234567890.123456789012345", artifact.Amount);
        Assert.Equal(("first", 7L, null), (artifact.Slug, artifact.Version, artifact.DeletedAt));
        Assert.False(artifact.IsSelected);
    }

    [Fact]
    public void Merge_OfAnEntity_WritesWhatItWasReadFrom()
    {
        using var page = Page.Parse(TypedRow.SyncDataset, Encoding.UTF8.GetBytes($"[{Row}]"));
        var artifact = page.Read<TypedRow>().Single();
        var conflict = new EntityConflict<TypedRow>("artifacts", null, artifact, null);

        var merged = conflict.Merge(artifact);

        var expected = Row.Replace("03:04:05.123456+02:00", "01:04:05.123456+00:00", StringComparison.Ordinal);
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(expected), JsonElement.Parse(merged.MergedRow.Span)), Encoding.UTF8.GetString(merged.MergedRow.Span));
        Assert.Equal("Conflict in artifacts", conflict.ToString());
    }

    [Theory]
    [InlineData("\"in_review\"", "\"InReview\"", "state", "ArtifactState")]
    [InlineData("\"rank\":-3", "\"rank\":40000", "rank", "Int16")]
    [InlineData("\"rank\":-3", "\"rank\":null", "rank", "Int16")]
    [InlineData("\"2026-02-03\"", "\"infinity\"", "day", "DateOnly")]
    [InlineData("\"2026-03-04T05:06:07.000001+00:00\"", "\"infinity\"", "updated_at", "DateTimeOffset")]
    [InlineData("\"\\\\x00ff10\"", "\"\\\\x00f\"", "image", "byte[]")]
    [InlineData("{\"Name\":\"Ada\",\"Age\":36}", "{\"Name\":\"Ada\",\"Age\":\"old\"}", "author", "Author")]
    [InlineData("[\"a\",\"b\"]", "[\"a\",7]", "tags", "String[]")]
    public void Read_ValueThatDoesNotFit_NamesColumnAndTypeAndNoValue(string good, string bad, string column, string type)
    {
        Assert.Contains(good, Row, StringComparison.Ordinal);
        using var page = Page.Parse(TypedRow.SyncDataset, Encoding.UTF8.GetBytes($"[{Row.Replace(good, bad, StringComparison.Ordinal)}]"));

        var refused = Assert.Throws<SyncSchemaException>(() => page.Read<TypedRow>().ToList());

        Assert.Contains($"'{column}'", refused.Message, StringComparison.Ordinal);
        Assert.Contains(type, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("InReview", refused.Message, StringComparison.Ordinal);
        Assert.Null(refused.InnerException);
    }

    [Fact]
    public void Read_PageOfOtherColumns_SaysWhatToDo()
    {
        var other = Dataset.Define("artifacts").Key("id", ColumnType.Uuid).UpdatedAt("updated_at").Build();
        using var page = Page.Parse(other, "[]"u8);

        var refused = Assert.Throws<ArgumentException>(() => page.Read<TypedRow>());

        Assert.Contains("AddDataset<TypedRow>()", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SyncAsync_OfAnEntity_IsReadBackFromPagesAndFromSqlite()
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        var folder = Directory.CreateTempSubdirectory("agent-sync-entity-");
        try
        {
            using var server = new PostgrestDouble(TimeProvider.System);
            server.AddTable(TypedRow.SyncDataset).Insert(Row.Replace("890.123456789012345", "", StringComparison.Ordinal));
            var table = server.AddTable(EntityNote.SyncDataset).EnableKit();
            table.Insert("""{"id":1,"title":"One","body":null}""");
            table.Insert("""{"id":2,"title":"Two","body":"Text"}""");
            var file = Path.Combine(folder.FullName, "app.db");
            await using var store = new SqliteStore(file);
            await using var engine = TestServer.Build(server, store, static builder => builder.AddDataset<TypedRow>().AddDataset<EntityNote>());

            var result = (await engine.SyncAsync(cancellationToken: cancellationToken)).EnsureCompleted();

            Assert.Equal(3, result.Applied);
            Assert.Equal(("First \"one\"", "in_review"), await ReadAsync(file, "select name, state from typed_rows", cancellationToken));
            List<EntityNote> notes = [];
            await foreach (var page in engine.ReadPagesAsync(EntityNote.SyncDataset.Name, cancellationToken: cancellationToken))
            {
                using (page)
                {
                    notes.AddRange(page.Read<EntityNote>());
                }
            }

            Assert.Equal([(1, "One", null), (2, "Two", "Text")], notes.Select(static note => (note.Id, note.Title, note.Body)));
            Assert.All(notes, static note => Assert.NotNull(note.UpdatedAt));
        }
        finally
        {
            SqliteConnection.ClearAllPools();
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task OnConflict_OfAnEntity_MergesBothSides()
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        using var server = new PostgrestDouble(TimeProvider.System);
        var table = server.AddTable(EntityNote.SyncDataset);
        table.Insert("""{"id":1,"title":"One","body":null}""");
        var store = new InMemoryTransactionalStore();
        EntityConflict<EntityNote>? seen = null;
        await using var engine = TestServer.Build(server, store, builder => builder.AddDataset<EntityNote>(notes => notes.OnConflict<EntityNote>((conflict, _) =>
        {
            seen = conflict;
            return new(conflict.Merge(conflict.Server! with { Title = conflict.Server.Title + " and " + conflict.Local!.Title }));
        })));
        (await engine.SyncAsync(cancellationToken: cancellationToken)).EnsureCompleted();
        store.Update(EntityNote.SyncDataset, """{"title":"Mine"}""", "1");
        table.Update("""{"title":"Theirs","body":"Text"}""", "1");

        (await engine.SyncAsync(cancellationToken: cancellationToken)).EnsureCompleted();

        Assert.Equal(("One", "Mine", "Theirs"), (seen?.Base?.Title, seen?.Local?.Title, seen?.Server?.Title));
        Assert.Contains("\"Theirs and Mine\"", table.FindRow("1"), StringComparison.Ordinal);
        Assert.Contains("\"Text\"", table.FindRow("1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadChangeRowsAsync_OfAnEntity_GivesBothSides()
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        using var server = new PostgrestDouble(TimeProvider.System);
        server.AddTable(EntityNote.SyncDataset).Insert("""{"id":1,"title":"One","body":null}""");
        var store = new InMemoryTransactionalStore();
        await using var engine = TestServer.Build(server, store, static builder => builder.AddDataset<EntityNote>());
        (await engine.SyncAsync(cancellationToken: cancellationToken)).EnsureCompleted();
        store.Update(EntityNote.SyncDataset, """{"title":"Mine"}""", "1");

        var change = await engine.ReadChangesAsync("notes", cancellationToken: cancellationToken).FirstAsync(cancellationToken);
        var rows = await engine.ReadChangeRowsAsync("notes", change.Id, cancellationToken);

        Assert.Equal(("Mine", "One"), (rows.ReadLocal<EntityNote>()?.Title, rows.ReadServer<EntityNote>()?.Title));
    }

    [Fact]
    public void AddDataset_WithAFilter_LeavesTheEntitysOwnDatasetAlone()
    {
        SyncOptions? seen = null;
        var builder = new SyncEngineBuilder().AddDataset<EntityNote>(static notes => notes.Named("open_notes").Where("title", FilterOperator.Equal, "One")).Configure(options => seen = options);

        Assert.Throws<Microsoft.Extensions.Options.OptionsValidationException>(() => builder.UseLocalStore(new InMemoryTransactionalStore()).Build());

        var dataset = Assert.Single(seen!.Datasets);
        Assert.Equal(("open_notes", 1), (dataset.Name, dataset.Filters.Count));
        Assert.Equal(("notes", 0), (EntityNote.SyncDataset.Name, EntityNote.SyncDataset.Filters.Count));
    }

    private static async Task<(string, string)> ReadAsync(string file, string query, CancellationToken cancellationToken)
    {
        await using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        await connection.OpenAsync(cancellationToken);
        await using var command = new SqliteCommand(query, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        Assert.True(await reader.ReadAsync(cancellationToken));
        return (reader.GetString(0), reader.GetString(1));
    }
}
