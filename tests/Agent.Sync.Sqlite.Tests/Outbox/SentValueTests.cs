using System.Text;
using Agent.Sync.Sqlite.Schema;
using Agent.Sync.Stores;
using Agent.Sync.Testing.Local;

namespace Agent.Sync.Sqlite.Tests.Outbox;

/// <summary>Values as they are sent: in the server's form, or in quarantine where the column's type has no such value.</summary>
public sealed class SentValueTests : OutboxTest
{
    [Theory]
    [InlineData(ColumnType.Text, "\"a\\\"b\\\\c\\n€é\"")]
    [InlineData(ColumnType.Text, "\"\"")]
    [InlineData(ColumnType.Uuid, "\"0b6e0a3c-58a6-4f6e-9d4c-1e7f5f0a9b01\"")]
    [InlineData(ColumnType.Integer, "9223372036854775807")]
    [InlineData(ColumnType.Integer, "-9223372036854775808")]
    [InlineData(ColumnType.Boolean, "true")]
    [InlineData(ColumnType.Boolean, "false")]
    [InlineData(ColumnType.Double, "0.1")]
    [InlineData(ColumnType.Double, "1.7976931348623157E+308")]
    [InlineData(ColumnType.Double, "5E-324")]
    [InlineData(ColumnType.Double, "\"-Infinity\"")]
    [InlineData(ColumnType.Numeric, "12.5")]
    [InlineData(ColumnType.Numeric, "123456789012345678901234567890123456789.123")]
    [InlineData(ColumnType.Numeric, "\"NaN\"")]
    [InlineData(ColumnType.Numeric, "\"-Infinity\"")]
    [InlineData(ColumnType.Numeric, "3")]
    [InlineData(ColumnType.Numeric, "-3")]
    [InlineData(ColumnType.Numeric, "9999999999999999999999999999")]
    [InlineData(ColumnType.Numeric, "79228162514264337593543950335")]
    [InlineData(ColumnType.Numeric, "79228162514264337593543950336")]
    [InlineData(ColumnType.Numeric, "1e400")]
    [InlineData(ColumnType.Timestamp, "\"-infinity\"")]
    [InlineData(ColumnType.Date, "\"infinity\"")]
    [InlineData(ColumnType.Timestamptz, "\"2026-01-01T00:00:00.123456+00:00\"")]
    [InlineData(ColumnType.Timestamptz, "\"infinity\"")]
    [InlineData(ColumnType.Timestamptz, "\"0044-03-15T12:00:00+00:00 BC\"")]
    [InlineData(ColumnType.Timestamp, "\"2026-01-01T00:00:00.1\"")]
    [InlineData(ColumnType.Date, "\"2026-02-28\"")]
    [InlineData(ColumnType.Time, "\"12:34:56.5\"")]
    [InlineData(ColumnType.Time, "\"24:00:00\"")]
    [InlineData(ColumnType.Json, "{\"a\": 1.10, \"b\": [null, \"\\u00e9\"]}")]
    [InlineData(ColumnType.Bytes, "\"\\\\x00ff10\"")]
    [InlineData(ColumnType.Bytes, "\"\\\\x\"")]
    public async Task Take_ValueOfTheServer_GoesBackAsItCame(ColumnType type, string json)
    {
        foreach (var format in Enum.GetValues<SqliteUuidFormat>())
        {
            var dataset = DatasetOf($"{type}{format}", type);
            using var store = OpenStore(options => options.UuidFormat = format);
            await store.PrepareAsync(dataset, Token);
            await ApplyAsync(store, dataset, null, $$"""{"id":1,"v":{{json}},"w":1,"updated_at":"2026-01-01T00:00:00.12+00:00"}""");

            Execute($"UPDATE {dataset.LocalTable} SET w = 2");

            Assert.Equal([$$"""Update {"id":1} 2026-01-01T00:00:00.12+00:00 {"id":1,"v":{{json}},"w":2}"""], await TakeTextsAsync(dataset, wholeRows: true, store));
        }
    }

    [Fact]
    public async Task Take_WholeRowWithANaN_LeavesTheServersAlone()
    {
        var dataset = DatasetOf("t", ColumnType.Double);
        await StartAsync(dataset);
        await ApplyAsync(Store, dataset, null, """{"id":1,"v":"NaN","w":1,"updated_at":"2026-01-01T00:00:00+00:00"}""", """{"id":2,"v":"NaN","w":1,"updated_at":"2026-01-01T00:00:00+00:00"}""");

        Execute("UPDATE t SET w = 2");
        Execute("UPDATE t SET v = 1.5 WHERE id = 2");

        Assert.Equal(
            ["""Update {"id":1} 2026-01-01T00:00:00+00:00 {"id":1,"w":2}""", """Update {"id":2} 2026-01-01T00:00:00+00:00 {"id":2,"v":1.5,"w":2}"""],
            await TakeTextsAsync(dataset, wholeRows: true));
    }

    [Theory]
    [InlineData(ColumnType.Timestamptz, "2026-01-01 10:00:00+02:00", "\"2026-01-01T10:00:00+02:00\"")]
    [InlineData(ColumnType.Timestamptz, "2026-01-01 10:00:00.1234567+00:00", "\"2026-01-01T10:00:00.123456+00:00\"")]
    [InlineData(ColumnType.Timestamptz, "2026-01-01 10:00:00", "\"2026-01-01T10:00:00+00:00\"")]
    [InlineData(ColumnType.Timestamptz, "2026-01-01T10:00:00Z", "\"2026-01-01T10:00:00+00:00\"")]
    [InlineData(ColumnType.Date, "2026-02-28 00:00:00", "\"2026-02-28\"")]
    [InlineData(ColumnType.Time, "12:34:56.1234567", "\"12:34:56.123456\"")]
    [InlineData(ColumnType.Uuid, "0B6E0A3C-58A6-4F6E-9D4C-1E7F5F0A9B01", "\"0b6e0a3c-58a6-4f6e-9d4c-1e7f5f0a9b01\"")]
    [InlineData(ColumnType.Numeric, "3.0", "3.0")]
    public async Task Take_ValueAsAParameterWritesIt_IsInTheServersForm(ColumnType type, string stored, string json)
    {
        var dataset = DatasetOf("t", type);
        await StartAsync(dataset);

        Execute($"INSERT INTO t (id, v) VALUES (1, '{stored}')");

        Assert.Equal([$$"""Insert {"id":1} {"id":1,"v":{{json}}}"""], await TakeTextsAsync(dataset));
    }

    [Theory]
    [InlineData(ColumnType.Text, "x'00'")]
    [InlineData(ColumnType.Text, "cast(x'ff' as text)")]
    [InlineData(ColumnType.Uuid, "'no uuid'")]
    [InlineData(ColumnType.Uuid, "x'00'")]
    [InlineData(ColumnType.Integer, "'text'")]
    [InlineData(ColumnType.Integer, "1.5")]
    [InlineData(ColumnType.Boolean, "2")]
    [InlineData(ColumnType.Double, "'text'")]
    [InlineData(ColumnType.Numeric, "'1,5'")]
    [InlineData(ColumnType.Numeric, "'1.'")]
    [InlineData(ColumnType.Timestamptz, "'yesterday'")]
    [InlineData(ColumnType.Timestamptz, "''")]
    [InlineData(ColumnType.Date, "'tomorrow at eight'")]
    [InlineData(ColumnType.Json, "'{'")]
    [InlineData(ColumnType.Json, "''")]
    [InlineData(ColumnType.Bytes, "'text'")]
    public async Task Take_ValueThatTheTypeDoesNotHave_IsQuarantinedAlone(ColumnType type, string sql)
    {
        var dataset = DatasetOf("t", type);
        await StartAsync(dataset);

        Execute($"INSERT INTO t (id, v) VALUES (1, {sql}), (2, NULL)");

        Assert.Equal(["""Insert {"id":2} {"id":2}"""], await TakeTextsAsync(dataset));
        var listed = (await Store.ListChangesAsync(dataset, ChangeState.Quarantined, 0, 10, Token)).Single();
        Assert.Equal(("local_value", "v", ChangeKind.Insert, """{"id":1}"""), (listed.Code, listed.Constraint, listed.Kind, listed.Key));
        Execute("UPDATE t SET v = NULL WHERE id = 1");
        Assert.Equal(["""Insert {"id":1} {"id":1,"v":null}""", """Insert {"id":2} {"id":2}"""], await TakeTextsAsync(dataset));
    }

    [Theory]
    [InlineData("INSERT INTO tasks (id, title) VALUES (7, 'new')", """Insert {"id":7} {"id":7,"title":"new"}""")]
    [InlineData("INSERT INTO tasks (id, title, size) VALUES (7, 'new', NULL)", """Insert {"id":7} {"id":7,"title":"new"}""")]
    [InlineData("INSERT INTO tasks (id, title, size) VALUES (7, 'new', 5); UPDATE tasks SET size = NULL WHERE id = 7", """Insert {"id":7} {"id":7,"title":"new","size":null}""")]
    [InlineData("INSERT INTO tasks (id, title, size) VALUES (7, 'new', 5); INSERT INTO tasks (id, size) VALUES (7, NULL) ON CONFLICT (id) DO UPDATE SET size = excluded.size", """Insert {"id":7} {"id":7,"title":"new","size":null}""")]
    [InlineData("INSERT INTO tasks (id, title, size) VALUES (7, 'new', 5); UPDATE tasks SET id = 8, title = NULL WHERE id = 7", """Insert {"id":8} {"id":8,"size":5}""")]
    [InlineData("INSERT INTO tasks (id, title, size) VALUES (7, 'new', 5); UPDATE tasks SET size = NULL; UPDATE tasks SET size = 6", """Insert {"id":7} {"id":7,"title":"new","size":6}""")]
    public async Task Take_Insert_SendsNullOnlyWhereAValueWasTakenAway(string sql, string expected)
    {
        await StartAsync(Tasks);

        Execute(sql);

        Assert.Equal([expected], await TakeTextsAsync());
    }

    [Fact]
    public async Task Take_UpdateOfARowThatTheServerRemoves_SendsTheNullThatWasTyped()
    {
        await StartAsync(Tasks, Task(1, "one", size: 11));
        Execute("UPDATE tasks SET size = NULL, title = 'mine' WHERE id = 1");
        var change = Assert.Single(await TakeAsync());
        await SettleAsync(change.Id, SettlementKind.KeepLocal);

        Assert.Equal(["""Insert {"id":1} {"id":1,"title":"mine","size":null}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Take_BlobsDoublesAndUnicodeInTheBase_AreComparedExactly()
    {
        var dataset = Dataset.Define("t").Key("id", ColumnType.Text).Column("b", ColumnType.Bytes).Column("d", ColumnType.Double).Column("s", ColumnType.Text).UpdatedAt("updated_at").Build();
        await StartAsync(dataset, """{"id":"é","b":"\\x00ff","d":0.1,"s":"😀","updated_at":"2026-01-01T00:00:00+00:00"}""");

        Execute("UPDATE t SET b = x'00', d = 0.2, s = 'x'; UPDATE t SET b = x'00ff', d = 0.1, s = '😀'");

        Assert.Empty(await TakeTextsAsync(dataset));
    }

    [Fact]
    public async Task Take_ManyChanges_AllocatesLittlePerRow()
    {
        const int Rows = 5_000;
        await StartAsync(Tasks);
        Execute($"WITH n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < {Rows}) INSERT INTO tasks (id, title, size) SELECT i, 'title ' || i, i FROM n");
        await TakeOnceAsync();

        var before = GC.GetAllocatedBytesForCurrentThread();
        var count = await TakeOnceAsync();
        var perRow = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)count;

        Assert.Equal(Rows, count);
        Assert.True(perRow < 60, $"{perRow:F1} bytes per row");

        async Task<int> TakeOnceAsync()
        {
            using var batch = await Store.TakeAsync(Request() with { MaxChanges = Rows, MaxBytes = long.MaxValue }, Token);
            return batch.Count;
        }
    }

    private static Dataset DatasetOf(string table, ColumnType type) => Dataset.Define(table)
        .Key("id", ColumnType.Integer).Column("v", type).Column("w", ColumnType.Integer).UpdatedAt("updated_at").Build();
}
