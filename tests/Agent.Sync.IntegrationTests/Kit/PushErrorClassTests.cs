using Agent.Sync.IntegrationTests.Backends;
using BackendHost;

namespace Agent.Sync.IntegrationTests.Kit;

/// <summary>An error that a row runs into is that row's outcome, whatever its class; what the server or the project is to blame for fails the call.</summary>
public sealed class PushErrorClassTests(BackendFixture backends)
{
    private static readonly Guid Ada = Guid.NewGuid();

    [Theory]
    [InlineData("raise exception using errcode = '54000'", "54000")]
    [InlineData("raise exception using errcode = 'P0002'", "P0002")]
    [InlineData("assert false", "P0004")]
    [InlineData("raise exception using errcode = 'XX000'", "XX000")]
    [InlineData("raise exception using errcode = '55000'", "55000")]
    [InlineData("raise exception using errcode = 'PT402'", "PT402")]
    [InlineData("raise exception 'permission denied for table x' using errcode = '42501'", "42501")]
    [InlineData("raise exception 'must be an editor' using errcode = '42501'", "42501")]
    [InlineData("perform 1 / (select count(*)::int from nope)", "42P01")]
    [InlineData("perform nope(new.id)", "42883")]
    [InlineData("perform (select i from generate_series(1, 2) as i)", "21000")]
    [InlineData("select i into strict new.name from generate_series(1, 2) as i", "P0003")]
    [InlineData("perform jsonb_path_query('{}', 'strict $.a')", "2203A")]
    [InlineData("perform t_loop(new.id)", "54001")]
    public async Task Push_ErrorOfOneRow_IsThatRowsOutcome(string body, string code)
    {
        var table = await FailingAsync(body);
        var batch = new KitBatch().Insert(1, Ada, "a").Insert(2, Ada, "b").Insert(3, Ada, "c").Update(4, null, "d");

        var answer = await table.PushAsync(Ada, batch);

        Assert.Equal(["applied", $"rejected:{code}", "applied", "conflict"], answer.Outcomes);
        Assert.Equal([1L, 3L], (await table.SqlAsync($"select id from {table.Name} order by id")).Select(static row => row.GetProperty("id").GetInt64()));
        Assert.Empty(await table.SqlAsync($"select from agent_sync_private.ledger where op in ('{batch.Operations[1]}', '{batch.Operations[3]}')"));
    }

    [Theory]
    [InlineData("08006")]
    [InlineData("0A000")]
    [InlineData("25006")]
    [InlineData("40001")]
    [InlineData("40P01")]
    [InlineData("53100")]
    [InlineData("55P03")]
    [InlineData("57014")]
    [InlineData("57P01")]
    [InlineData("58030")]
    [InlineData("PT429")]
    [InlineData("PT503")]
    public async Task Push_ErrorThatNoRowIsToBlameFor_FailsTheCallAndLeavesNothing(string code)
    {
        var table = await FailingAsync($"raise exception using errcode = '{code}'");
        var batch = new KitBatch().Insert(1, Ada, "a").Insert(2, Ada, "b");

        var refusal = await Assert.ThrowsAsync<LocalBackendException>(() => table.PushAsync(Ada, batch));

        Assert.Equal(code, refusal.Code);
        Assert.Empty(await table.SqlAsync($"select id from {table.Name}"));
        Assert.Empty(await table.SqlAsync($"select from agent_sync_private.ledger where op = '{batch.Operations[0]}'"));
    }

    [Fact]
    public async Task Push_RowThatCannotBeShown_IsAppliedWithoutIt()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.SqlAsync(
            $"""
            create function show_{table.Name}(id bigint) returns boolean language plpgsql as $f$ begin if id = 2 then raise exception 'not this one'; end if; return true; end $f$;
            """);
        await table.InsertAsync(Ada, 1, 2, 3);
        await table.SqlAsync($"create policy shown on {table.Name} as restrictive for select to authenticated using (show_{table.Name}(id)); select agent_sync.enable('{table.Name}');");

        var answer = await table.PushAsync(Ada, new KitBatch().Update(1, null, "a").Update(2, null, "b").Update(3, null, "c"));

        Assert.Equal(["applied", "rejected:P0001", "applied"], answer.Outcomes);
        Assert.Equal(["a", null, "c"], Enumerable.Range(0, 3).Select(answer.Name));
    }

    [Fact]
    public async Task Push_StatementThatTheTableDoesNotTake_FailsTheCall()
    {
        var table = await KitTable.CreateAsync(backends.Main, "id bigint primary key, owner_id uuid, name text, note text generated always as ('x') stored");

        var refusal = await Assert.ThrowsAsync<LocalBackendException>(() => table.PushAsync(Ada, new KitBatch().Insert(1, Ada, "a", "b")));

        Assert.Equal("428C9", refusal.Code);
    }

    /// <summary>Makes a table whose trigger runs a statement when row 2 is inserted.</summary>
    private async Task<KitTable> FailingAsync(string body)
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.SqlAsync(
            $"""
            create function loop_{table.Name}(id bigint) returns bigint language plpgsql as $f$ begin return loop_{table.Name}(id) + 1; end $f$;
            create function fail_{table.Name}() returns trigger language plpgsql as
                $f$ begin if new.id = 2 then {body.Replace("t_loop", $"loop_{table.Name}", StringComparison.Ordinal)}; end if; return new; end $f$;
            create trigger fail before insert on {table.Name} for each row execute function fail_{table.Name}();
            """);
        return table;
    }
}
