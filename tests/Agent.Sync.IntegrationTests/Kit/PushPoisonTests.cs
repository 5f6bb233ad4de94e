using System.Text.Json.Nodes;
using Agent.Sync.IntegrationTests.Backends;
using BackendHost;

namespace Agent.Sync.IntegrationTests.Kit;

/// <summary>A row that cannot be written is rejected alone.</summary>
public sealed class PushPoisonTests(BackendFixture backends)
{
    private static readonly Guid Ada = Guid.NewGuid();

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(20)]
    public async Task Push_OnePoisonRow_RejectsThatOneOnly(int poison)
    {
        var table = await KitTable.CreateAsync(backends.Main);
        var batch = new KitBatch();
        for (var id = 1; id <= 20; id++)
        {
            batch.Insert(id, Ada, $"n{id}", id == poison ? "longer than twenty characters" : null);
        }

        var answer = await table.PushAsync(Ada, batch);

        Assert.Equal(Enumerable.Range(1, 20).Select(id => id == poison ? "rejected:22001" : "applied"), answer.Outcomes);
        Assert.Equal(19, (await table.SqlAsync($"select id from {table.Name}")).Count);
    }

    [Fact]
    public async Task Push_AllPoison_RejectsAll()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        var batch = new KitBatch();
        for (var id = 1; id <= 20; id++)
        {
            batch.Insert(id, Guid.NewGuid(), "someone else's");
        }

        var answer = await table.PushAsync(Ada, batch);

        Assert.All(answer.Outcomes, static outcome => Assert.Equal("rejected:42501", outcome));
        Assert.Empty(await table.SqlAsync("select from agent_sync_private.ledger where op in (" + string.Join(',', batch.Operations.Select(static operation => $"'{operation}'")) + ")"));
    }

    [Fact]
    public async Task Push_ThreePoisonRowsAmongMany_EveryOtherIsApplied()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Ada, [.. Enumerable.Range(1, 300).Select(static id => (long)id)]);
        var batch = new KitBatch();
        for (var id = 1; id <= 300; id++)
        {
            batch.Update(id, null, id is 7 or 150 or 300 ? $"{table.Name}-1" : $"new {id}");
        }

        batch.Insert(1_000, Ada, "inserted").Delete(1_001, null);
        var answer = await table.PushAsync(Ada, batch);

        // Row 1 is renamed in the same batch, but after 7 and the others look: one of the three may have its name then.
        var rejected = answer.Outcomes.Count(static outcome => outcome == "rejected:23505");
        Assert.Equal(2, rejected);
        Assert.Equal(300, answer.Outcomes.Count(static outcome => outcome == "applied"));
    }

    [Fact]
    public async Task Push_EveryKindOfRefusal_HasItsCodeAndConstraint()
    {
        var parent = await KitTable.CreateAsync(backends.Main);
        var table = await KitTable.CreateAsync(
            backends.Main,
            $"""
            id bigint primary key, owner_id uuid not null, name text unique, note varchar(5), kind text not null, amount integer check (amount > 0),
            parent bigint references {parent.Name}, late bigint references {parent.Name} deferrable initially deferred
            """);
        await table.SqlAsync(
            $"""
            insert into {table.Name} (id, owner_id, name, kind) values (1, '{Ada}', 'taken', 'k');
            create function refuse_{table.Name}() returns trigger language plpgsql as
                $f$ begin if new.name = 'refused' then raise exception 'the app refuses %', new.name; end if; return new; end $f$;
            create trigger refuse before insert on {table.Name} for each row execute function refuse_{table.Name}();
            """);
        static JsonObject Row(long id, string name, string column, JsonNode? value)
        {
            var row = new JsonObject { ["id"] = id, ["owner_id"] = Ada.ToString(), ["name"] = name, ["note"] = null, ["kind"] = "k", ["amount"] = null, ["parent"] = null, ["late"] = null };
            row[column] = value;
            return row;
        }

        var batch = new KitBatch { Select = ["id", "name"] }
            .Insert(Row(10, "a", "name", "taken"))
            .Insert(Row(11, "b", "kind", null))
            .Insert(Row(12, "c", "note", "too long"))
            .Insert(Row(13, "d", "amount", -1))
            .Insert(Row(14, "e", "parent", 99))
            .Insert(Row(15, "f", "late", 99))
            .Insert(Row(16, "g", "name", "refused"))
            .Insert(Row(17, "h", "owner_id", Guid.NewGuid().ToString()))
            .Insert(Row(18, "i", "amount", "many"))
            .Insert(Row(19, "j", "name", "a\u0000b"))
            .Insert(Row(20, "k", "amount", 1));

        var answer = await table.PushAsync(Ada, batch);

        Assert.Equal(
            ["rejected:23505", "rejected:23502", "rejected:22001", "rejected:23514", "rejected:23503", "rejected:23503", "rejected:P0001", "rejected:42501", "rejected:22P02", "rejected:22P05", "applied"],
            answer.Outcomes);
        Assert.Equal($"{table.Name}_name_key", answer.Constraint(0));
        Assert.Equal($"{table.Name}_amount_check", answer.Constraint(3));
        Assert.Equal($"{table.Name}_late_fkey", answer.Constraint(5));
        Assert.Null(answer.Constraint(6));
        Assert.Equal(1, answer.RowCount);
    }

    [Fact]
    public async Task Push_RejectedUpdate_TellsTheRowAsItIs()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Ada, 1, 2);

        var answer = await table.PushAsync(
            Ada,
            new KitBatch().Update(1, null, new JsonObject { ["note"] = "longer than twenty characters" }).Update(2, null, new JsonObject { ["name"] = $"{table.Name}-1" }));

        Assert.Equal(["rejected:22001", "rejected:23505"], answer.Outcomes);
        Assert.Equal([$"{table.Name}-1", $"{table.Name}-2"], [answer.Name(0), answer.Name(1)]);
    }

    [Fact]
    public async Task Push_ChildBeforeItsParentInABatchWithPoison_IsAppliedAfterAll()
    {
        var table = await KitTable.CreateAsync(backends.Main, "id bigint primary key, owner_id uuid not null, name text not null, parent bigint");
        await table.SqlAsync($"alter table {table.Name} add foreign key (parent) references {table.Name}");
        static JsonObject Row(long id, string? name, long? parent) => new() { ["id"] = id, ["owner_id"] = Ada.ToString(), ["name"] = name, ["parent"] = parent };

        var answer = await table.PushAsync(
            Ada, new KitBatch { Select = ["id"] }.Insert(Row(1, "child", 3)).Insert(Row(2, null, null)).Insert(Row(3, "parent", null)).Insert(Row(4, "orphan", 99)));

        Assert.Equal(["applied", "rejected:23502", "applied", "rejected:23503"], answer.Outcomes);
    }

    [Fact]
    public async Task Push_DeleteOfARowThatOthersReferTo_IsRejected()
    {
        var parent = await KitTable.CreateAsync(backends.Main);
        await parent.InsertAsync(Ada, 1, 2);
        await parent.SqlAsync($"create table {parent.Name}_child (parent bigint references {parent.Name}); insert into {parent.Name}_child values (1);");

        var answer = await parent.PushAsync(Ada, new KitBatch().Delete(1, null).Delete(2, null));

        Assert.Equal(["rejected:23503", "applied"], answer.Outcomes);
        Assert.Equal([2], (await parent.TombstonesOfAsync(Ada)).Keys);
    }

    [Fact]
    public async Task Push_TriggerWithUnqualifiedNames_FindsThemAsInADirectWrite()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.SqlAsync(
            $"""
            create table log_{table.Name} (id bigint); grant insert on log_{table.Name} to authenticated;
            create function log_{table.Name}() returns trigger language plpgsql as $f$ begin insert into log_{table.Name} values (new.id); return new; end $f$;
            create trigger log before insert on {table.Name} for each row execute function log_{table.Name}();
            """);

        var answer = await table.PushAsync(Ada, new KitBatch().Insert(1, Ada, "a"));

        Assert.Equal(["applied"], answer.Outcomes);
        Assert.Single(await table.SqlAsync($"select id from log_{table.Name}"));
    }

    [Theory]
    [InlineData("table", "public.artifacts; drop table x", "42P01")]
    [InlineData("table", "pg_catalog.pg_class", "42P01")]
    [InlineData("version", "sync_seq = 0 or true --", "42703")]
    [InlineData("version", "ctid", "42703")]
    [InlineData("deleted", "x\" = now(); --", "42703")]
    [InlineData("select", "(select 1)", "42703")]
    [InlineData("columns", "name\" = name; --", "42703")]
    [InlineData("kind", "truncate", "42601")]
    [InlineData("op", "1'; drop table x", "42601")]
    public async Task Push_HostileNames_AreRefusedBeforeAnyStatementRuns(string part, string text, string code)
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Ada, 1);
        var body = new KitBatch().Update(1, null, "x").Body(table.FullName);
        switch (part)
        {
            case "select":
                body["select"] = new JsonArray(text);
                break;
            case "columns":
                body["groups"]![0]!["columns"] = new JsonArray(text);
                break;
            case "kind":
                body["groups"]![0]!["kind"] = text;
                break;
            case "op":
                body["groups"]![0]!["changes"]![0]!["op"] = text;
                break;
            default:
                body[part] = text;
                break;
        }

        var refusal = await Assert.ThrowsAsync<LocalBackendException>(
            () => table.SqlAsAsync(Ada, $"select agent_sync.push({KitTable.Quote(body.ToJsonString())}::json);"));

        Assert.Equal(code, refusal.Code);
        Assert.DoesNotContain(text, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Push_HostileValues_StayValues()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Ada, 1, 2);
        const string Hostile = "'; drop table x; --\\\"$1 %s";

        var answer = await table.PushAsync(Ada, new KitBatch().Update(1, null, Hostile).Insert(3, Ada, Hostile + "3"));

        Assert.Equal(["applied", "applied"], answer.Outcomes);
        Assert.Equal([Hostile, Hostile + "3"], [answer.Name(0), answer.Name(1)]);
    }
}
