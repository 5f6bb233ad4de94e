using Agent.Sync.Sqlite.Tests.EntityFramework;
using Agent.Sync.Stores;
using Agent.Sync.Testing.Local;
using Dapper;
using Microsoft.EntityFrameworkCore;
using AppContext = Agent.Sync.Sqlite.Tests.EntityFramework.AppContext;

namespace Agent.Sync.Sqlite.Tests.Outbox;

/// <summary>Edits of the libraries that apps use.</summary>
public sealed class LibraryTests : OutboxTest
{
    private static readonly Guid Id = Guid.Parse("0b6e0a3c-58a6-4f6e-9d4c-1e7f5f0a9b01");

    private static readonly Dataset Artifacts = Dataset.Define("artifacts").Key("Id", ColumnType.Uuid).Column("Title", ColumnType.Text)
        .Column("Size", ColumnType.Integer).Column("IsPublic", ColumnType.Boolean).Column("Score", ColumnType.Double)
        .Column("Price", ColumnType.Numeric).Column("Metadata", ColumnType.Json).Column("Digest", ColumnType.Bytes)
        .Column("Day", ColumnType.Date).Column("Hour", ColumnType.Time).Column("LocalTime", ColumnType.Timestamp).UpdatedAt("UpdatedAt").Build();

    [Theory]
    [InlineData(SqliteUuidFormat.Text)]
    [InlineData(SqliteUuidFormat.Blob)]
    public async Task EntityFramework_AddChangeRemove_IsRecorded(SqliteUuidFormat format)
    {
        using var context = new AppContext(FilePath, format == SqliteUuidFormat.Blob);
        await context.Database.EnsureCreatedAsync(Token);
        using var store = OpenStore(options => options.UuidFormat = format);
        await store.PrepareAsync(Artifacts, Token);

        context.Artifacts.Add(new Artifact
        {
            Id = Id,
            Title = "é",
            Size = 9_007_199_254_740_993,
            IsPublic = true,
            Score = 0.1,
            Price = 12.5m,
            Metadata = """{"a": 1.10}""",
            Digest = [1, 0xff],
            Day = new DateOnly(2026, 2, 28),
            Hour = new TimeOnly(12, 34, 56, 500),
            LocalTime = new DateTime(2026, 1, 1, 10, 0, 0, 250),
        });
        Assert.Equal(1, await context.SaveChangesAsync(Token));
        var inserted = (await TakeAsync(Artifacts, store: store)).Single();
        await SettleAsync(Artifacts, inserted.Id, SettlementKind.Acknowledge, $$"""{{inserted.Text[(inserted.Text.IndexOf("} ", StringComparison.Ordinal) + 2)..^1]}},"UpdatedAt":"2026-01-01T00:00:00+00:00"}""", store: store);
        context.ChangeTracker.Clear();
        var artifact = await context.Artifacts.SingleAsync(Token);
        artifact.Price = 13m;
        artifact.Digest = null;
        Assert.Equal(1, await context.SaveChangesAsync(Token));
        var updated = (await TakeAsync(Artifacts, store: store)).Single();
        await SettleAsync(Artifacts, updated.Id, SettlementKind.Return, store: store);
        context.Remove(artifact);
        Assert.Equal(1, await context.SaveChangesAsync(Token));
        var removed = (await TakeAsync(Artifacts, store: store)).Single();

        const string Key = """{"Id":"0b6e0a3c-58a6-4f6e-9d4c-1e7f5f0a9b01"}""";
        Assert.Equal(
            $$"""Insert {{Key}} {{Key[..^1]}},"Title":"é","Size":9007199254740993,"IsPublic":true,"Score":0.1,"Price":12.5,"Metadata":{"a": 1.10},"Digest":"\\x01ff","Day":"2026-02-28","Hour":"12:34:56.5","LocalTime":"2026-01-01T10:00:00.25"}""",
            inserted.Text);
        Assert.Equal($$"""Update {{Key}} 2026-01-01T00:00:00+00:00 {"Price":13.0,"Digest":null}""", updated.Text);
        Assert.Equal($"Delete {Key} 2026-01-01T00:00:00+00:00", removed.Text);
    }

    [Fact]
    public async Task EntityFramework_RolledBack_LeavesNothing()
    {
        using var context = new AppContext(FilePath, blobKeys: false);
        await context.Database.EnsureCreatedAsync(Token);
        await Store.PrepareAsync(Artifacts, Token);

        await using (await context.Database.BeginTransactionAsync(Token))
        {
            context.Artifacts.Add(new Artifact { Id = Id });
            await context.SaveChangesAsync(Token);
        }

        Assert.Empty(await TakeTextsAsync(Artifacts));
    }

    [Fact]
    public async Task Dapper_InsertUpdateDelete_IsRecorded()
    {
        await StartAsync(Tasks, Task(1, "one"), Task(2, "two"));
        using var connection = Connect();

        Assert.Equal(2, await connection.ExecuteAsync("INSERT INTO tasks (id, title) VALUES (@Id, @Title)", new[] { new { Id = 3, Title = "three" }, new { Id = 4, Title = "four" } }));
        Assert.Equal(1, await connection.ExecuteAsync("UPDATE tasks SET title = @Title WHERE id = @Id", new { Id = 1, Title = "x" }));
        Assert.Equal(1, await connection.ExecuteAsync("DELETE FROM tasks WHERE id = @Id", new { Id = 2 }));
        Assert.Equal(3, await connection.QuerySingleAsync<int>("UPDATE tasks SET size = 7 WHERE id = 3 RETURNING id"));

        Assert.Equal(
            [
                """Insert {"id":3} {"id":3,"title":"three","size":7}""",
                """Insert {"id":4} {"id":4,"title":"four"}""",
                """Update {"id":1} 1 {"title":"x"}""",
                """Delete {"id":2} 1""",
            ],
            await TakeTextsAsync());
    }

    [Fact]
    public async Task Insert_WithTheRowidAsKey_ReportsTheAppsOwnRowid()
    {
        Execute("CREATE TABLE tasks (id INTEGER PRIMARY KEY, title TEXT)");
        await StartAsync(Tasks, Task(1, "one"));
        using var connection = Connect();

        var id = await connection.ExecuteScalarAsync<long>("INSERT INTO tasks (title) VALUES ('next'); SELECT last_insert_rowid()");

        Assert.Equal(id, (long)Scalar("SELECT id FROM tasks WHERE title = 'next'")!);
        Assert.Equal([$$"""Insert {"id":{{id}}} {"id":{{id}},"title":"next"}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Delete_ByACascade_IsRecorded()
    {
        Execute("CREATE TABLE folders (id INTEGER PRIMARY KEY); CREATE TABLE tasks (id INTEGER PRIMARY KEY, title TEXT, folder INTEGER REFERENCES folders ON DELETE CASCADE)");
        await StartAsync(Tasks, Task(1, "one"));
        Execute("INSERT INTO folders VALUES (7); UPDATE tasks SET folder = 7; DELETE FROM folders");

        Assert.Equal(["""Delete {"id":1} 1"""], await TakeTextsAsync());
    }
}
