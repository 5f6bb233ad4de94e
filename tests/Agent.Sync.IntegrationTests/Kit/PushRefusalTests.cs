using System.Text.Json.Nodes;
using Agent.Sync.IntegrationTests.Backends;

namespace Agent.Sync.IntegrationTests.Kit;

/// <summary>What is not written as it was sent is not written at all, however a trigger goes about it.</summary>
public sealed class PushRefusalTests(BackendFixture backends)
{
    private const string Columns = "id text primary key, owner_id uuid not null, name text, note text";
    private static readonly Guid Ada = Guid.NewGuid();

    [Theory]
    [InlineData("new.id := lower(new.id)")]
    [InlineData("new.id := gen_random_uuid()")]
    [InlineData("new.id := new.id || '!'")]
    public async Task Push_InsertTriggerChangesTheKey_RowIsRejectedAndNotWritten(string body)
    {
        var table = await TableAsync("insert", $"if new.name = 'moved' then {body}; end if; return new;");
        var batch = new KitBatch { Select = ["id", "name"] }.Insert(Row("A", "stays")).Insert(Row("B", "moved")).Insert(Row("C", "stays"));

        var answer = await table.PushAsync(Ada, batch);
        var again = await table.PushAsync(Ada, batch);

        Assert.Equal(["applied", "rejected:27000", "applied"], answer.Outcomes);
        Assert.Equal(answer.Outcomes, again.Outcomes);
        Assert.Equal(["A", "C"], await KeysAsync(table));
        Assert.Equal(2, await RunsAsync(table));
    }

    [Fact]
    public async Task Push_InsertThatSaysAnotherKeyThanItsRow_IsRejectedAlone()
    {
        var table = await TableAsync("update", "return new;");
        await table.SqlAsync($"insert into {table.Name} (id, owner_id, name) values ('E', '{Ada}', 'there')");
        var batch = new KitBatch { Select = ["id", "name"] }
            .InsertAs("A", Row("A", "same")).InsertAs("C", Row("B", "another")).InsertAs("E", Row("F", "there")).InsertAs(null, Row("D", "none"));

        var answer = await table.PushAsync(Ada, batch);

        Assert.Equal(["applied", "rejected:27000", "conflict", "applied"], answer.Outcomes);
        Assert.Equal(["A", "D", "E"], await KeysAsync(table));
        Assert.Equal("none", answer.Name(3));
    }

    [Theory]
    [InlineData("insert", "return null;")]
    [InlineData("update", "return null;")]
    [InlineData("delete", "return null;")]
    [InlineData("delete", "perform set_config('kit.inner', '1', true); update @ set note = 'deleted' where id = old.id; perform set_config('kit.inner', '', true); return null;")]
    [InlineData("update", "if current_setting('kit.inner', true) = '1' then return new; end if; perform set_config('kit.inner', '1', true); update @ set note = 'redirected' where id = old.id; perform set_config('kit.inner', '', true); return null;")]
    public async Task Push_TriggerDoesSomethingElseInstead_RowIsRejectedAndNothingOfItStays(string kind, string body)
    {
        var table = await TableAsync(kind, body);
        await table.SqlAsync($"insert into {table.Name}_other values (0)");
        if (kind != "insert")
        {
            await table.SqlAsync($"insert into {table.Name} (id, owner_id, name) values ('B', '{Ada}', 'there')");
        }

        var batch = new KitBatch { Select = ["id", "name"] };
        _ = kind switch
        {
            "insert" => batch.Insert(Row("B", "new")),
            "update" => batch.Update("B", new JsonObject { ["name"] = "changed" }),
            _ => batch.Delete("B"),
        };
        var answer = await table.PushAsync(Ada, batch);

        Assert.Equal(["rejected:42501"], answer.Outcomes);
        Assert.Equal(0, await RunsAsync(table));
        Assert.Equal(kind == "insert" ? [] : ["there:"], (await table.SqlAsync($"select name || ':' || coalesce(note, '') as row from {table.Name}")).Select(static row => row.GetProperty("row").GetString()));
        Assert.Empty(await table.SqlAsync($"select from agent_sync_private.ledger where op = '{batch.Operations[0]}'"));
    }

    [Fact]
    public async Task Push_InsertOfAKeyThatExists_RunsNoTriggerOfTheTable()
    {
        var table = await TableAsync("insert", "return new;");
        await table.SqlAsync($"alter table {table.Name} disable trigger rewrite; insert into {table.Name} (id, owner_id, name) values ('A', '{Ada}', 'theirs'); alter table {table.Name} enable trigger rewrite;");

        var answer = await table.PushAsync(Ada, new KitBatch { Select = ["id", "name"] }.Insert(Row("A", "mine")).Insert(Row("B", "new")));

        Assert.Equal(["conflict", "applied"], answer.Outcomes);
        Assert.Equal(1, await RunsAsync(table));
    }

    [Theory]
    [InlineData("first", "second", "conflict")]
    [InlineData("same", "same", "applied")]
    public async Task Push_TheSameKeyInsertedTwice_SecondMeetsTheFirst(string first, string second, string outcome)
    {
        var table = await KitTable.CreateAsync(backends.Main, Columns);

        var answer = await table.PushAsync(
            Ada, new KitBatch { Select = ["id", "name"] }.Insert(Row("A", "x")).Insert(Row("B", first)).Insert(Row("B", second)).Insert(Row("C", "y")));

        Assert.Equal(["applied", "applied", outcome, "applied"], answer.Outcomes);
        Assert.Equal([first, first], [answer.Name(1), answer.Name(2)]);
    }

    [Theory]
    [InlineData("uuid", "0a8a8a8a-0000-4000-8000-00000000000a", "0A8A8A8A-0000-4000-8000-00000000000A")]
    [InlineData("numeric", "1", "1.0")]
    [InlineData("char(4)", "a", "a  ")]
    [InlineData("timestamptz", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00")]
    public async Task Push_TheSameKeyWrittenInTwoWays_IsOneKey(string type, string first, string second)
    {
        var table = await KitTable.CreateAsync(backends.Main, Columns.Replace("id text", $"id {type}", StringComparison.Ordinal));

        var answer = await table.PushAsync(Ada, new KitBatch { Select = ["id", "name"] }.Insert(Row(first, "1")).Insert(Row(second, "2")));

        Assert.Equal(["applied", "conflict"], answer.Outcomes);
    }

    [Fact]
    public async Task Push_TheSameRowUpdatedTwiceAndDeletedTwice_IsWrittenInOrder()
    {
        var table = await KitTable.CreateAsync(backends.Main, Columns);
        await table.SqlAsync($"insert into {table.Name} (id, owner_id, name) values ('A', '{Ada}', 'a'), ('B', '{Ada}', 'b')");

        var answer = await table.PushAsync(
            Ada,
            new KitBatch { Select = ["id", "name"] }
                .Update("A", new JsonObject { ["name"] = "1" }).Update("A", new JsonObject { ["name"] = "2" }).Update("A", new JsonObject { ["name"] = "3" })
                .Delete("B").Delete("B").Insert(Row("B", "new")).Delete("B"));

        Assert.Equal(Enumerable.Repeat("applied", 7), answer.Outcomes);
        Assert.Equal(["3"], (await table.SqlAsync($"select name from {table.Name}")).Select(static row => row.GetProperty("name").GetString()));
    }

    private static JsonObject Row(string id, string name) => new() { ["id"] = id, ["owner_id"] = Ada.ToString(), ["name"] = name };

    private static async Task<string?[]> KeysAsync(KitTable table) =>
        [.. (await table.SqlAsync($"select id from {table.Name} order by id")).Select(static row => row.GetProperty("id").GetString())];

    /// <summary>Returns how often the trigger's effect stayed.</summary>
    private static async Task<int> RunsAsync(KitTable table) =>
        (await table.SqlAsync($"select count(*)::int as count from {table.Name}_other where n = 1"))[0].GetProperty("count").GetInt32();

    /// <summary>Makes a table whose trigger notes each run elsewhere, and then goes its own way.</summary>
    private async Task<KitTable> TableAsync(string kind, string body)
    {
        var table = await KitTable.CreateAsync(backends.Main, Columns);
        await table.SqlAsync(
            $"""
            create table {table.Name}_other (n int); grant insert on {table.Name}_other to authenticated;
            create function rewrite_{table.Name}() returns trigger language plpgsql as $f$ begin
                insert into {table.Name}_other values (1);
                {body.Replace("@", table.Name, StringComparison.Ordinal)}
            end $f$;
            create trigger rewrite before {kind} on {table.Name} for each row execute function rewrite_{table.Name}();
            """);
        return table;
    }
}
