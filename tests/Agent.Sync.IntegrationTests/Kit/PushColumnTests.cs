using System.Text.Json.Nodes;
using Agent.Sync.IntegrationTests.Backends;

namespace Agent.Sync.IntegrationTests.Kit;

/// <summary>A rejection names the column that must not be null or takes no value, if the batch names it too.</summary>
public sealed class PushColumnTests(BackendFixture backends)
{
    private const string Columns = "id bigint primary key, owner_id uuid, name text not null, note text, secret text not null default ''";
    private static readonly Guid Ada = Guid.NewGuid();

    [Theory]
    [InlineData("")]
    [InlineData("partition by range (id)")]
    public async Task Push_ColumnMustNotBeNull_IsNamed(string options)
    {
        var table = await KitTable.CreateAsync(backends.Main, Columns, enable: null, options: options);
        await table.SqlAsync((options.Length > 0 ? $"create table {table.Name}_0 partition of {table.Name} default; " : string.Empty) + $"select agent_sync.enable('{table.Name}')");
        await table.InsertAsync(Ada, 1);
        var batch = new KitBatch().Insert(2, Ada, null).Insert(3, Ada, "fine").Update(1, null, new JsonObject { ["name"] = null })
            .Update(1, null, new JsonObject { ["note"] = "x", ["secret"] = null });

        var answer = await table.PushAsync(Ada, batch);

        Assert.Equal(["rejected:23502", "applied", "rejected:23502", "rejected:23502"], answer.Outcomes);
        Assert.Equal(("name", "name", "secret"), (answer.Constraint(0), answer.Constraint(2), answer.Constraint(3)));
    }

    [Fact]
    public async Task Push_ColumnThatTheBatchDoesNotName_IsNotTold()
    {
        var table = await KitTable.CreateAsync(backends.Main, Columns);
        await table.SqlAsync($"alter table {table.Name} alter secret drop default");

        var answer = await table.PushAsync(Ada, new KitBatch().Insert(2, Ada, "fine"));

        Assert.Equal(["rejected:23502"], answer.Outcomes);
        Assert.Null(answer.Constraint(0));
    }

    [Theory]
    [InlineData("insert into {0}_log values (null)", "23502", null)]
    [InlineData("raise not_null_violation using schema = 'public', table = '{0}', column = 'a value of the row'", "23502", null)]
    [InlineData("raise not_null_violation using schema = 'public', table = '{0}', column = 'name'", "23502", "name")]
    [InlineData("raise not_null_violation using constraint = 'house_rule', column = 'name'", "23502", "house_rule")]
    [InlineData("raise exception 'no' using errcode = '428C9', schema = 'public', table = '{0}', column = 'note'", "428C9", "note")]
    [InlineData("raise exception 'no' using schema = 'public', table = '{0}', column = 'note'", "P0001", null)]
    [InlineData("raise not_null_violation using schema = 'no such', table = 'a \"b\".c', column = 'name'", "23502", null)]
    public async Task Push_TriggerRefuses_NamesAColumnOfTheTableItselfOnly(string statement, string code, string? told)
    {
        var table = await KitTable.CreateAsync(backends.Main, Columns);
        await table.SqlAsync(
            $"""
            create table {table.Name}_log (name text not null); grant insert on {table.Name}_log to authenticated;
            create function refuse_{table.Name}() returns trigger language plpgsql as $f$ begin
                {string.Format(System.Globalization.CultureInfo.InvariantCulture, statement, table.Name)}; return new; end $f$;
            create trigger refuse before insert on {table.Name} for each row execute function refuse_{table.Name}();
            """);

        var answer = await table.PushAsync(Ada, new KitBatch().Insert(2, Ada, "fine", "a note"));

        Assert.Equal([$"rejected:{code}"], answer.Outcomes);
        Assert.Equal(told, answer.Constraint(0));
    }
}
