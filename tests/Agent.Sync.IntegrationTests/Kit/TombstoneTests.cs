using System.Globalization;
using Agent.Sync.IntegrationTests.Backends;

namespace Agent.Sync.IntegrationTests.Kit;

/// <summary>What is deleted, or leaves a user's view, leaves a tombstone that this user sees.</summary>
public sealed class TombstoneTests(BackendFixture backends)
{
    private static readonly Guid Ada = Guid.NewGuid();
    private static readonly Guid Bob = Guid.NewGuid();

    [Fact]
    public async Task Delete_PlainRow_TombstoneOfItsOwnerOnlyAboveItsLastStamp()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Ada, 1, 2);
        var stamp = await table.StampAsync(1);

        var deleted = await table.SqlAsAsync(Ada, $"delete from {table.Name} where id = 1 returning id;");

        Assert.Single(deleted);
        var tombstones = await table.TombstonesOfAsync(Ada);
        Assert.Equal([1], tombstones.Keys);
        Assert.True(tombstones[1] > stamp);
        Assert.Empty(await table.TombstonesOfAsync(Bob));
    }

    [Fact]
    public async Task Delete_RolledBack_NoTombstone()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Ada, 1);

        await table.SqlAsync($"begin; delete from {table.Name}; rollback;");

        Assert.Empty(await table.TombstonesOfAsync(Ada));
    }

    [Fact]
    public async Task Delete_ThroughAForeignKeyCascade_TombstoneForEachChild()
    {
        var parent = await KitTable.CreateAsync(backends.Main);
        var child = await KitTable.CreateAsync(
            backends.Main, $"id bigint primary key, owner_id uuid not null, name text, parent bigint references {parent.Name} on delete cascade");
        await parent.InsertAsync(Ada, 1, 2);
        await child.SqlAsync($"insert into {child.Name} select i, '{Ada}', 'c', case when i < 4 then 1 else 2 end from generate_series(1, 5) as i");

        await parent.SqlAsAsync(Ada, $"delete from {parent.Name} where id = 1;");

        Assert.Equal([1, 2, 3], (await child.TombstonesOfAsync(Ada)).Keys.Order());
    }

    [Fact]
    public async Task Update_OfTheKey_TombstoneOfTheOldOne()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Ada, 1);

        await table.SqlAsync($"update {table.Name} set id = 2");

        var tombstones = await table.TombstonesOfAsync(Ada);
        Assert.Equal([1], tombstones.Keys);
        Assert.Equal(await table.StampAsync(2), tombstones[1]);
    }

    [Fact]
    public async Task Update_KeyThereAndBack_NoTombstoneOfWhatExists()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Ada, 1);

        await table.SqlAsync($"update {table.Name} set id = 2; update {table.Name} set id = 1;");

        Assert.Equal([2], (await table.TombstonesOfAsync(Ada)).Keys);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task DeleteThenInsert_OfOneKey_RowStaysAndTombstoneGoes(bool inOneTransaction)
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Ada, 1);
        var before = await table.StampAsync(1);

        var delete = $"delete from {table.Name} where id = 1;";
        var insert = $"insert into {table.Name} (id, owner_id) values (1, '{Ada}');";
        if (inOneTransaction)
        {
            await table.SqlAsync($"begin; {delete} {insert} commit;");
        }
        else
        {
            await table.SqlAsync(delete);
            await table.SqlAsync(insert);
        }

        Assert.True(await table.StampAsync(1) > before);
        Assert.Empty(await table.TombstonesOfAsync(Ada));
    }

    [Fact]
    public async Task Stamp_DeleteAndInsertInATransactionThatWroteTheRow_Rises()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Ada, 1);

        await table.SqlAsync(
            $"""
            begin; update {table.Name} set note = 'x'; delete from {table.Name};
            insert into {table.Name} (id, owner_id) values (1, '{Ada}'); commit;
            """);

        var rows = await table.SqlAsync($"select count(*)::int as count from {table.Name} as r join {table.Tombstones} as t on t.id = r.id and t.sync_seq > r.sync_seq");
        Assert.Equal(0, rows[0].GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task Insert_RefusedByAConflict_KeepsTheTombstoneOfAnotherUsersView()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Ada, 1);
        await table.SqlAsync($"update {table.Name} set owner_id = '{Bob}'");

        await table.SqlAsync($"insert into {table.Name} (id, owner_id) values (1, '{Ada}') on conflict do nothing");

        Assert.Equal([1], (await table.TombstonesOfAsync(Ada)).Keys);
    }

    [Fact]
    public async Task Update_OfTheOwner_LeavesTheOldOnesViewAndComesBack()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Ada, 1);

        await table.SqlAsync($"update {table.Name} set owner_id = '{Bob}'");
        var left = await table.TombstonesOfAsync(Ada);
        var tie = await table.StampAsync(1);
        Assert.Empty(await table.TombstonesOfAsync(Bob));
        await table.SqlAsync($"update {table.Name} set owner_id = '{Ada}'");

        Assert.Equal(tie, left[1]);
        Assert.Empty(await table.TombstonesOfAsync(Ada));
        Assert.Equal([1], (await table.TombstonesOfAsync(Bob)).Keys);
    }

    [Fact]
    public async Task Update_OfAFilterColumn_TombstoneWithItsOldValue()
    {
        var table = await KitTable.CreateAsync(backends.Main, enable: ", filter_columns => '{state}'");
        await table.SqlAsync($"insert into {table.Name} (id, owner_id, state) values (1, '{Ada}', 'open'), (2, '{Ada}', null)");

        await table.SqlAsync($"update {table.Name} set state = 'closed'");

        var rows = await table.SqlAsAsync(Ada, $"select id, state from {table.Tombstones} order by id;");
        Assert.Equal(["1:open", "2:"], rows.Select(static row => string.Create(CultureInfo.InvariantCulture, $"{row.GetProperty("id")}:{row.GetProperty("state")}")));
    }

    [Fact]
    public async Task Update_OfAnotherColumn_NoTombstone()
    {
        var table = await KitTable.CreateAsync(backends.Main, enable: ", filter_columns => '{state}'");
        await table.InsertAsync(Ada, 1);

        await table.SqlAsync($"update {table.Name} set note = 'changed', name = 'changed', owner_id = owner_id, state = state");

        Assert.Empty(await table.TombstonesOfAsync(Ada));
    }

    [Fact]
    public async Task Update_OfAColumnThatThePolicyHidesBy_TombstoneIsVisible()
    {
        var table = await KitTable.CreateAsync(backends.Main, "id bigint primary key, owner_id uuid not null, name text, deleted_at timestamptz", enable: null);
        await table.SqlAsync($"alter policy own_select on {table.Name} using (owner_id = (select auth.uid()) and deleted_at is null)");
        await table.EnableAsync();
        await table.InsertAsync(Ada, 1);

        await table.SqlAsync($"update {table.Name} set deleted_at = now()");

        Assert.Equal([1], (await table.TombstonesOfAsync(Ada)).Keys);
    }

    [Fact]
    public async Task PartitionMove_OfARow_TombstoneOfTheOldKeyAndTheRowStays()
    {
        var table = await CreatePartitionedAsync();
        await table.InsertAsync(Ada, 1, 2);

        await table.SqlAsync($"update {table.Name} set id = 11 where id = 1");
        Assert.Equal([1], (await table.TombstonesOfAsync(Ada)).Keys);
        await table.SqlAsync($"update {table.Name} set id = 1 where id = 11");

        Assert.Equal([11], (await table.TombstonesOfAsync(Ada)).Keys);
        Assert.True(await table.StampAsync(1) > 0);
    }

    [Fact]
    public async Task Partition_WrittenToDirectly_StampsAndTombstonesToo()
    {
        var table = await CreatePartitionedAsync();
        await table.SqlAsync($"create table {table.Name}_2 partition of {table.Name} for values from (20) to (30)");

        await table.SqlAsync($"insert into {table.Name}_2 (id, owner_id) values (21, '{Ada}'), (22, '{Ada}'); delete from {table.Name}_2 where id = 22;");

        Assert.True(await table.StampAsync(21) > 0);
        Assert.Equal([22], (await table.TombstonesOfAsync(Ada)).Keys);
    }

    private async Task<KitTable> CreatePartitionedAsync()
    {
        var table = await KitTable.CreateAsync(
            backends.Main, "id bigint primary key, owner_id uuid not null, name text", options: "partition by range (id)");
        await table.SqlAsync(
            $"""
            create table {table.Name}_0 partition of {table.Name} for values from (0) to (10);
            create table {table.Name}_1 partition of {table.Name} for values from (10) to (20);
            """);
        return table;
    }
}
