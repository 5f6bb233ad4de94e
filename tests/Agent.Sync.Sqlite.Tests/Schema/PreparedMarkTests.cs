using System.Text;
using Agent.Sync.Sqlite.Configuration;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Schema;
using Agent.Sync.Sqlite.Tests.Outbox;
using Microsoft.Data.Sqlite;

namespace Agent.Sync.Sqlite.Tests.Schema;

/// <summary>A table that was prepared is not prepared again. The oracle is a preparation without the mark: it must leave the same file.</summary>
public sealed class PreparedMarkTests : OutboxTest
{
    /// <summary>Gets what may happen between two preparations, and whether it concerns them.</summary>
    public static TheoryData<string, bool> Changes => new()
    {
        { "SELECT 1", false },
        { "DROP TRIGGER agent_sync_ad_tasks", true },
        { "INSERT INTO tasks (id, title) VALUES (9, 'new')", false },
        { "UPDATE tasks SET title = 'typed' WHERE id = 1", false },
        { "DELETE FROM tasks", false },
        { "DELETE FROM agent_sync_outbox_tasks", false },
        { "PRAGMA user_version = 7", false },
        { "VACUUM", false },
        { "ALTER TABLE tasks ADD COLUMN more TEXT", true },
        { "ALTER TABLE tasks RENAME TO tasks2", true },
        { "CREATE TABLE other (id)", true },
        { "CREATE INDEX mine ON tasks (title)", true },
        { "CREATE TRIGGER mine AFTER UPDATE ON tasks BEGIN SELECT 1; END", true },
        { "DROP TABLE tasks", true },
        { "CREATE TABLE t2 (id BIGINT NOT NULL PRIMARY KEY, title TEXT, size INTEGER DEFAULT 3, updated_at TEXT, version INTEGER, deleted_at TEXT); INSERT INTO t2 SELECT * FROM tasks; DROP TABLE tasks; ALTER TABLE t2 RENAME TO tasks", true },
        { "UPDATE agent_sync_tables SET unrecorded = 1", true },
        { "UPDATE agent_sync_tables SET unrecorded = 2", true },
        { "UPDATE agent_sync_meta SET value = 'elsewhere' WHERE name = 'table_of_tasks'", true },
        { "UPDATE agent_sync_meta SET value = randomblob(32) WHERE name = 'prepared_tasks'", true },
        { "UPDATE agent_sync_meta SET value = 'text' WHERE name = 'prepared_tasks'", true },
    };

    private static Dataset Sequenced { get; } = Dataset.Define("tasks")
        .Key("id", ColumnType.Integer).Column("title", ColumnType.Text).Column("size", ColumnType.Integer)
        .UpdatedAt("updated_at").Version("version").DeletedAt("deleted_at").Column("more", ColumnType.Text).Build();

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Prepare_AfterAChange_LeavesWhatAPreparationWithoutTheMarkLeaves(string change, bool concerns)
    {
        await StartAsync(Tasks, Task(1, "one"), Task(2, "two"));
        Execute(change);
        Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        var oracle = FilePath + ".oracle";
        File.Copy(FilePath, oracle);

        Assert.Equal(!concerns, Stands(Tasks));
        var state = await Store.PrepareAsync(Tasks, Token);

        ForgetMark(oracle);
        using var other = OpenStore(options => options.DatabasePath = oracle);
        Assert.Equal(await other.PrepareAsync(Tasks, Token), state);
        Assert.Equal(Dump(oracle), Dump(FilePath));
    }

    [Fact]
    public async Task Prepare_WhileEditsMayBeMissing_IsPreparedEachTime()
    {
        await StartAsync(Tasks, Task(1, "one"));
        Execute("DROP TRIGGER agent_sync_au_tasks; UPDATE tasks SET title = 'unseen'");

        Assert.True((await Store.PrepareAsync(Tasks, Token)).HasUnrecordedChanges);

        Assert.False(Stands(Tasks));
        Assert.True((await Store.PrepareAsync(Tasks, Token)).HasUnrecordedChanges);
    }

    [Fact]
    public async Task Prepare_AnotherShapeOfTheDataset_IsPreparedEachTime()
    {
        await StartAsync(Tasks, Task(1, "one"));

        Assert.False(Stands(Sequenced));
        await Store.PrepareAsync(Sequenced, Token);
        Assert.True(Stands(Sequenced));
        Assert.False(Stands(Tasks));
        await Store.PrepareAsync(Tasks, Token);
        Assert.False(Stands(Sequenced));
    }

    [Fact]
    public async Task Prepare_OtherOptions_IsPreparedAgain()
    {
        await StartAsync(Tasks, Task(1, "one"));

        Assert.True(Stands(Tasks));
        Assert.False(Stands(Tasks, options => options.RecordChanges = false));
        Assert.False(Stands(Tasks, options => options.UuidFormat = SqliteUuidFormat.Blob));
    }

    private static void ForgetMark(string path)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "DELETE FROM agent_sync_meta WHERE name = 'prepared_tasks'";
        command.ExecuteNonQuery();
    }

    private static string Dump(string path)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        var text = new StringBuilder();
        var tables = new List<string>();
        Read("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name", row =>
        {
            if (row[0].Equals("table"))
            {
                tables.Add((string)row[1]);
            }
        });
        foreach (var table in tables)
        {
            Read($"SELECT * FROM \"{table}\" ORDER BY 1", static _ => { });
        }

        return text.ToString();

        void Read(string sql, Action<object[]> take)
        {
            using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are the tests' own.
            command.CommandText = sql;
#pragma warning restore CA2100
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                var row = new object[reader.FieldCount];
                reader.GetValues(row);
                take(row);
                var line = string.Join('|', row.Select(static value => value is byte[] bytes ? Convert.ToHexString(bytes) : value));

                text.AppendLine(line);
            }
        }
    }

    private bool Stands(Dataset dataset, Action<SqliteStoreOptions>? configure = null)
    {
        var options = new SqliteStoreOptions { DatabasePath = FilePath };
        configure?.Invoke(options);
        var checkedOptions = CheckedOptions.From(options);
        using var key = new DatabaseKey(ask: null, FilePath);
        using var session = StoreSession.Open(checkedOptions, key, hook: null);
        return session.Database.Write(() => new PreparedMark(session.Database, checkedOptions, dataset).Stands());
    }
}
