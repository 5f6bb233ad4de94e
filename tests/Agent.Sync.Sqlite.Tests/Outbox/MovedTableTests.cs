using Agent.Sync.Stores;

namespace Agent.Sync.Sqlite.Tests.Outbox;

/// <summary>The dataset gets another local table while edits wait in the former one.</summary>
public sealed class MovedTableTests : OutboxTest
{
    private const string CopiedJobs = "CREATE TABLE jobs (id INTEGER NOT NULL PRIMARY KEY, title TEXT, size INTEGER, updated_at TEXT, version INTEGER, deleted_at TEXT); INSERT INTO jobs SELECT id, title, size, updated_at, version, deleted_at FROM tasks";

    private static Dataset Jobs { get; } = Dataset.Define("tasks").ToTable("jobs")
        .Key("id", ColumnType.Integer).Column("title", ColumnType.Text).Column("size", ColumnType.Integer)
        .UpdatedAt("updated_at").Version("version").DeletedAt("deleted_at").Build();

    [Fact]
    public async Task Prepare_TableRenamedWithItsDataset_TakesTheWaitingEditsAlong()
    {
        await StartAsync(Tasks, Task(1, "one"), Task(2, "two"));
        Execute("UPDATE tasks SET title = 'mine' WHERE id = 1; ALTER TABLE tasks RENAME TO jobs; UPDATE jobs SET title = 'too' WHERE id = 2");

        Assert.False((await Store.PrepareAsync(Jobs, Token)).HasUnrecordedChanges);
        Execute("UPDATE jobs SET size = 5 WHERE id = 2");

        Assert.Equal(["""Update {"id":1} 1 {"title":"mine"}""", """Update {"id":2} 1 {"title":"too","size":5}"""], await TakeTextsAsync(Jobs));
        Assert.Equal(0L, Scalar("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'agent_sync%tasks%'"));
        Assert.Equal(6L, Scalar("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'jobs'"));
    }

    [Fact]
    public async Task Prepare_TableCopiedAndDropped_TakesTheWaitingEditsAlongAndLooksForOthers()
    {
        await StartAsync(Tasks, Task(1, "one"));
        Execute($"UPDATE tasks SET title = 'mine' WHERE id = 1; {CopiedJobs}; DROP TABLE tasks");

        Assert.True((await Store.PrepareAsync(Jobs, Token)).HasUnrecordedChanges);

        Assert.Equal(["""Update {"id":1} 1 {"title":"mine"}"""], await TakeTextsAsync(Jobs));
    }

    [Fact]
    public async Task Prepare_FormerTableStillThereWithEdits_IsRefused()
    {
        await StartAsync(Tasks, Task(1, "one"));
        Execute($"UPDATE tasks SET title = 'mine' WHERE id = 1; {CopiedJobs}");

        var refusal = await Assert.ThrowsAsync<SyncSchemaException>(async () => await Store.PrepareAsync(Jobs, Token));
        Assert.Equal(SyncErrorKind.LocalSchema, refusal.Kind);
        Assert.Contains("1 local changes wait", refusal.Message, StringComparison.Ordinal);

        await Store.PrepareAsync(Tasks, Token);
        await SettleAsync((await TakeAsync())[0].Id, SettlementKind.Acknowledge, Task(1, "mine", 2));
        Assert.False((await Store.PrepareAsync(Jobs, Token)).HasUnrecordedChanges);
    }

    [Fact]
    public async Task Prepare_FormerTableGoneWithoutACopy_BeginsAnew()
    {
        await StartAsync(Tasks, Task(1, "one"));
        Execute("UPDATE tasks SET title = 'mine' WHERE id = 1; DROP TABLE tasks");

        Assert.False((await Store.PrepareAsync(Jobs, Token)).HasRows);

        Assert.Empty(await TakeTextsAsync(Jobs));
    }
}
