using System.Text.Json.Nodes;
using Agent.Sync.IntegrationTests.Backends;
using BackendHost;

namespace Agent.Sync.IntegrationTests.Kit;

/// <summary>What a caller without some grant gets: a failed call that names what is missing, never rows that are rejected for it, and no column's name.</summary>
public sealed class PushRightsTests(BackendFixture backends)
{
    private static readonly Guid Ada = Guid.NewGuid();

    [Theory]
    [InlineData("create sequence @_seq; alter table @ alter version set default nextval('@_seq')", "insert")]
    [InlineData("create table @_log (id bigint); create function @_f() returns trigger language plpgsql as $f$ begin insert into @_log values (new.id); return new; end $f$; create trigger log before insert on @ for each row execute function @_f()", "insert")]
    [InlineData("create table @_log (id bigint); create function @_f() returns trigger language plpgsql as $f$ begin insert into @_log values (new.id); return new; end $f$; create trigger log after update on @ for each row execute function @_f()", "update")]
    [InlineData("create table @_log (id bigint); create policy member on @ as restrictive for insert to authenticated with check (exists (select from @_log))", "insert")]
    [InlineData("create function @_f() returns boolean language sql as 'select true'; revoke all on function @_f() from public; create policy member on @ as restrictive for delete to authenticated using (@_f())", "delete")]
    [InlineData("create function @_f() returns text language sql as 'select null::text'; revoke all on function @_f() from public; alter table @ alter state set default @_f()", "insert")]
    [InlineData("create schema @_s; create table @_s.log (id bigint); create function @_f() returns trigger language plpgsql as $f$ begin insert into @_s.log values (old.id); return old; end $f$; create trigger log before delete on @ for each row execute function @_f()", "delete")]
    public async Task Push_InnerGrantIsMissing_FailsTheCallAndRejectsNoRow(string sql, string kind)
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Ada, 1, 2, 3);
        await table.SqlAsync(sql.Replace("@", table.Name, StringComparison.Ordinal));
        var batch = kind switch
        {
            "insert" => new KitBatch().Insert(11, Ada, "a").Insert(12, Ada, "b").Insert(13, Ada, "c"),
            "update" => new KitBatch().Update(1, null, "a").Update(2, null, "b").Update(3, null, "c"),
            _ => new KitBatch().Delete(1, null).Delete(2, null).Delete(3, null),
        };

        var refusal = await Assert.ThrowsAsync<LocalBackendException>(() => table.PushAsync(Ada, batch));

        Assert.Equal("42501", refusal.Code);
        Assert.Contains("permission denied for", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(3, (await table.SqlAsync($"select id from {table.Name}")).Count);
    }

    [Theory]
    [InlineData("update (note)", "note", "theirs")]
    [InlineData("insert (id, owner_id, name, note)", "note", null)]
    public async Task Push_ColumnThatMayBeWrittenAndNotRead_IsAConflictWhereOthersWouldCompare(string grant, string column, string? theirs)
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Ada, 1, 2);
        var stamp = await table.StampAsync(1);
        await table.SqlAsync(
            $"""
            revoke all on {table.Name} from authenticated;
            grant select (id, owner_id, name, sync_seq), {grant} on {table.Name} to authenticated;
            update {table.Name} set note = 'theirs' where id = 1;
            """);
        var batch = new KitBatch { Select = ["id", "name", "sync_seq"] };
        _ = theirs is null
            ? batch.Insert(1, Ada, $"{table.Name}-1", "theirs").Insert(3, Ada, "new", "mine")
            : batch.Update(1, stamp, new JsonObject { [column] = theirs }).Update(2, stamp, new JsonObject { [column] = "mine" });

        var answer = await table.PushAsync(Ada, batch);

        Assert.Equal(["conflict", "applied"], answer.Outcomes);
    }

    [Theory]
    [InlineData("select")]
    [InlineData("version")]
    [InlineData("deleted")]
    [InlineData("insert")]
    [InlineData("update")]
    public async Task Push_ColumnWithoutAGrant_IsAnsweredLikeOneThatIsNotThere(string part)
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.SqlAsync(
            $"""
            revoke all on {table.Name} from authenticated;
            grant select (id, owner_id, name, note, sync_seq), insert (id, owner_id, name, note), update (name, note) on {table.Name} to authenticated;
            """);

        var secret = await RefusalAsync(table, part, "state");
        var unknown = await RefusalAsync(table, part, "nope");

        Assert.Equal("42501", secret.Code);
        Assert.Equal((secret.Code, secret.Message), (unknown.Code, unknown.Message));
    }

    [Fact]
    public async Task Push_WholeTableMayBeRead_UnknownColumnIsNamedAsSuch()
    {
        var table = await KitTable.CreateAsync(backends.Main);

        Assert.Equal("42703", (await RefusalAsync(table, "select", "nope")).Code);
    }

    private static async Task<LocalBackendException> RefusalAsync(KitTable table, string part, string column)
    {
        var body = new KitBatch { Select = ["id", "name"] }.Insert(1, Ada, "a").Update(2, null, "b").Body(table.FullName);
        switch (part)
        {
            case "select":
                body["select"]!.AsArray().Add(column);
                break;
            case "insert" or "update":
                body["groups"]![part == "insert" ? 0 : 1]!["columns"]!.AsArray().Add(column);
                break;
            default:
                body[part] = column;
                break;
        }

        return await Assert.ThrowsAsync<LocalBackendException>(
            () => table.SqlAsAsync(Ada, $"select agent_sync.push({KitTable.Quote(body.ToJsonString())}::json);"));
    }
}
