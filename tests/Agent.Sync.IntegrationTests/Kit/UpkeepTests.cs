using Agent.Sync.IntegrationTests.Backends;

namespace Agent.Sync.IntegrationTests.Kit;

/// <summary>What the check finds, and what enable repairs.</summary>
public sealed class UpkeepTests(BackendFixture backends)
{
    private static readonly Guid Ada = Guid.NewGuid();

    [Fact]
    public async Task Check_PoliciesChanged_SaysSoUntilEnableIsCalledAgain()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Ada, 1);
        await table.SqlAsync($"update {table.Name} set state = 'shared'; delete from {table.Name};");

        await table.SqlAsync($"alter policy own_select on {table.Name} using (false)");
        Assert.Contains("its SELECT policies, or those of its tombstones, have changed", await table.ProblemsAsync());
        Assert.True((await table.StateAsync()).GetProperty("policies_changed").GetBoolean());
        var epoch = (await table.StateAsync()).GetProperty("epoch").GetString();
        await table.EnableAsync();

        Assert.Empty(await table.ProblemsAsync());
        Assert.Empty(await table.TombstonesOfAsync(Ada));
        Assert.False((await table.StateAsync()).GetProperty("policies_changed").GetBoolean());
        // What the new policy shows has old stamps, so everybody starts over.
        Assert.NotEqual(epoch, (await table.StateAsync()).GetProperty("epoch").GetString());
    }

    [Fact]
    public async Task Check_PolicyAsksForAnotherColumn_EnableStartsAnotherEpoch()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        var epoch = (await table.StateAsync()).GetProperty("epoch").GetString();
        await table.SqlAsync($"alter policy own_select on {table.Name} using (owner_id = auth.uid() or state = 'public')");

        var problems = await table.ProblemsAsync();
        await table.EnableAsync();
        await table.SqlAsync($"insert into {table.Name} (id, owner_id, state) values (1, '{Guid.NewGuid()}', 'public'); update {table.Name} set state = 'private';");

        Assert.Equal(2, problems.Count);
        Assert.NotEqual(epoch, (await table.StateAsync()).GetProperty("epoch").GetString());
        Assert.Equal([1], (await table.TombstonesOfAsync(Ada)).Keys);
    }

    [Theory]
    [InlineData("alter table {0} disable trigger \"~agent_sync_delete\"", "trigger is missing")]
    [InlineData("alter table {0} enable trigger \"~agent_sync_stamp\"", "trigger is missing")]
    [InlineData("drop trigger \"~agent_sync_update\" on {0}", "trigger is missing")]
    [InlineData("drop index {0}_sync_seq_id_idx", "index (sync_seq, key)")]
    [InlineData("alter table {0} alter id type numeric", "another type")]
    [InlineData("alter table {0} disable row level security", "policies, or")]
    [InlineData("alter table agent_sync.{0} disable row level security", "policies, or")]
    [InlineData("drop policy own_select on agent_sync.{0}", "policies, or")]
    [InlineData("alter policy own_select on agent_sync.{0} using (false)", "policies, or")]
    [InlineData("revoke all on agent_sync.{0} from authenticated", "may not read its tombstones")]
    public async Task Check_SomethingIsMissing_SaysSoUntilEnableIsCalledAgain(string damage, string problem)
    {
        var table = await KitTable.CreateAsync(backends.Main, "id bigint primary key, owner_id uuid not null, name text");
        if (damage.Contains("alter id", StringComparison.Ordinal))
        {
            // PostgreSQL refuses to retype a column that a trigger's condition names.
            await table.SqlAsync($"drop trigger \"~agent_sync_update\" on {table.Name}");
        }

        await table.SqlAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, damage, table.Name));

        Assert.Contains(await table.ProblemsAsync(), text => text.Contains(problem, StringComparison.Ordinal));
        await table.EnableAsync();
        Assert.Empty(await table.ProblemsAsync());
    }

    [Fact]
    public async Task Check_TriggerThatRunsAfterTheStamp_IsReported()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.SqlAsync(
            $"""
            create function late_{table.Name}() returns trigger language plpgsql as 'begin return new; end';
            create trigger "~zzz" before update on {table.Name} for each row execute function late_{table.Name}();
            """);

        Assert.Contains(await table.ProblemsAsync(), static text => text.Contains("after the one that stamps", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Grants_OnSomeColumns_AreCopied()
    {
        var table = await KitTable.CreateAsync(backends.Main, enable: null);
        await table.SqlAsync($"revoke select on {table.Name} from authenticated; grant select (id, owner_id, name) on {table.Name} to authenticated;");
        await table.EnableAsync();
        await table.InsertAsync(Ada, 1, 2);
        await table.SqlAsync($"delete from {table.Name} where id = 1");

        Assert.Equal([1], (await table.TombstonesOfAsync(Ada)).Keys);
        Assert.Single(await table.SqlAsAsync(Ada, $"select id, sync_seq from {table.Name};"));
    }
}
