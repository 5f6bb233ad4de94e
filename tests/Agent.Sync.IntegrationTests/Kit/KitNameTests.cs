using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Agent.Sync.IntegrationTests.Backends;

namespace Agent.Sync.IntegrationTests.Kit;

/// <summary>
/// A column may have any name: each word of the kit's own SQL, each keyword of PostgreSQL, and what needs quotes. Every one of them is in turn
/// a column of a key, of a policy and of the pushed values.
/// </summary>
public sealed partial class KitNameTests(BackendFixture backends)
{
    private const int ColumnsPerTable = 28;
    private const string SomeoneElses = "someone else's";
    private const string Owner = "the owner's \"id\"";
    private static readonly Guid Ada = Guid.NewGuid();

    private static readonly string[] Awkward =
    [
        "Id", "a b", "a\"b", "a'b", "a.b", "a,b", "a\\b", "$b$", "$$", "$f$", "$1", "$2", "%I", "%s", "%1$s", "@rows@", ":x", "?", "{}", "~ord", "~base", "~1",
        "~refused", "k1", "v1", "t.id", "ä", "œ̈", "日本", "1", "-", "--", "/*", ";", "new.id", new('x', 63),
    ];

    // The columns that every table has, and those that the kit needs for itself.
    private static readonly string[] Reserved = ["tableoid", "ctid", "xmin", "xmax", "cmin", "cmax", "sync_seq", "tombstoned_at"];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Kit_ColumnsWithAnyName_SyncLikeOthers(int quarter)
    {
        var names = await NamesAsync();
        var tables = (names.Length + ColumnsPerTable - 1) / ColumnsPerTable;
        for (var index = quarter; index < tables; index += 4)
        {
            string[] key = [.. names.Skip(index * ColumnsPerTable).Take(ColumnsPerTable)];
            string[] values = [.. names.Skip((index + 1) % tables * ColumnsPerTable).Take(ColumnsPerTable)];
            await CheckAsync(key, values);
        }
    }

    private async Task CheckAsync(string[] key, string[] values)
    {
        var table = new KitTable(backends.Main, $"n_{Guid.NewGuid():N}");
        await table.SqlAsync(
            $"""
            create table {table.Name} ({string.Join(", ", key.Concat(values).Select(static name => $"{Quoted(name)} text"))}, {Quoted(Owner)} uuid, primary key ({List(key)}));
            alter table {table.Name} enable row level security;
            create policy own on {table.Name} to authenticated using ({Quoted(Owner)} = (select auth.uid()) and num_nulls({List(values)}) >= 0);
            grant select, insert, update, delete on {table.Name} to authenticated;
            select agent_sync.enable('{table.Name}');
            """);

        Assert.Equal(["applied", "applied", "rejected:42501"], await PushAsync(table, key, values, "insert", ("a", "1"), ("b", "1"), ("z", SomeoneElses)));
        Assert.Equal(["applied", "conflict", "applied"], await PushAsync(table, key, values, "update", ("a", "2"), ("gone", "2"), ("b", "1")));
        Assert.Equal(["applied", "conflict"], await PushAsync(table, key, values, "insert", ("a", "2"), ("b", "other")));

        // A key that moves, and one that comes back below its tombstone.
        await table.SqlAsync(
            $"""
            update {table.Name} set {string.Join(", ", key.Select(static name => $"{Quoted(name)} = 'moved'"))} where {Quoted(key[0])} = 'a';
            delete from {table.Name} where {Quoted(key[0])} = 'b';
            update {table.Tombstones} set sync_seq = sync_seq + 1000;
            insert into {table.Name} ({List([.. key, .. values, Owner])}) values ({Literals(key, "b")}, {Literals(values, "3")}, '{Ada}');
            """);
        var rows = await table.SqlAsync(
            $"select (select min(sync_seq) from {table.Name} where {Quoted(key[0])} = 'b') > pg_current_xact_id()::text::bigint as restamped, (select string_agg({Quoted(key[0])}, ',' order by 1) from {table.Tombstones}) as tombstones");
        Assert.True(rows[0].GetProperty("restamped").GetBoolean());
        Assert.Contains("a", rows[0].GetProperty("tombstones").GetString()!, StringComparison.Ordinal);

        Assert.Equal(["applied", "applied"], await PushAsync(table, key, values, "delete", ("moved", "2"), ("gone", "2")));
        Assert.Empty(await table.ProblemsAsync());
        await table.SqlAsync($"select agent_sync.prune('{table.Name}'); drop table {table.Name}; select agent_sync.prune();");
    }

    /// <summary>Sends a change for each key; the version is never asked for, and "someone else's" row belongs to another user.</summary>
    private static async Task<string[]> PushAsync(KitTable table, string[] key, string[] values, string kind, params (string Key, string Value)[] changes)
    {
        JsonObject Row((string Key, string Value) change)
        {
            var row = new JsonObject();
            foreach (var name in kind == "insert" ? key.Concat(values) : values)
            {
                row[name] = key.Contains(name) ? change.Key : change.Value;
            }

            if (kind == "insert")
            {
                row[Owner] = change.Value == SomeoneElses ? Guid.NewGuid().ToString() : Ada.ToString();
            }

            return row;
        }

        var batch = new JsonObject
        {
            ["table"] = table.FullName,
            ["version"] = "sync_seq",
            ["select"] = new JsonArray([.. key.Concat(values).Append("sync_seq").Select(static name => (JsonNode)name)]),
            ["groups"] = new JsonArray(new JsonObject
            {
                ["kind"] = kind,
                ["columns"] = new JsonArray([.. kind == "delete" ? [] : Row(default).Select(static item => (JsonNode)item.Key)]),
                ["changes"] = new JsonArray([.. changes.Select(change => new JsonObject
                {
                    ["op"] = Guid.NewGuid().ToString(),
                    ["key"] = new JsonObject(key.Select(name => KeyValuePair.Create(name, (JsonNode?)change.Key))),
                    ["row"] = Row(change),
                })]),
            }),
        };
        var rows = await table.SqlAsAsync(Ada, $"select agent_sync.push({KitTable.Quote(batch.ToJsonString())}::json)::text as answer;");
        using var answer = JsonDocument.Parse(rows[0].GetProperty("answer").GetString()!);
        foreach (var row in answer.RootElement.GetProperty("rows").EnumerateArray())
        {
            Assert.Equal([.. key, .. values, "sync_seq"], row.EnumerateObject().Select(static item => item.Name));
        }

        return new KitAnswer(answer.RootElement).Outcomes;
    }

    private async Task<string[]> NamesAsync()
    {
        var words = Word().Matches(global::Agent.Sync.SqlKit.ReadMigration()).Select(static match => match.Value.ToLowerInvariant());
        var keywords = (await backends.Main.SqlAsync("select word from pg_get_keywords()")).Select(static row => row.GetProperty("word").GetString()!);
        return [.. words.Concat(keywords).Concat(Awkward).Distinct(StringComparer.Ordinal).Except(Reserved, StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string List(string[] names) => string.Join(", ", names.Select(Quoted));

    private static string Literals(string[] names, string value) => string.Join(", ", names.Select(_ => $"'{value}'"));

    [GeneratedRegex("[A-Za-z_][A-Za-z0-9_]{0,62}")]
    private static partial Regex Word();
}
