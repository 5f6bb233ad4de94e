using Agent.Sync.IntegrationTests.Backends;
using BackendHost;

namespace Agent.Sync.IntegrationTests.Kit;

/// <summary>What changes rows and no trigger sees is another epoch, or a problem that the horizon tells: never nothing.</summary>
public sealed class UnseenChangeTests(BackendFixture backends)
{
    private static readonly Guid Owner = Guid.NewGuid();

    public static TheoryData<string, string> Rewrites => new()
    {
        { "the type's own", "alter table {0} alter column note type varchar(20) using upper(note)" },
        { "another type", "alter table {0} alter column version type numeric using version + 1" },
        { "another column under the name", "alter table {0} drop column note, add column note text default 'new'" },
        { "swapped names", "alter table {0} rename column note to x; alter table {0} rename column state to note; alter table {0} rename column x to state;" },
    };

    public static TheoryData<string, string> Harmless => new()
    {
        { "another column", "alter table {0} add column more text default 'x'" },
        { "a wider one", "alter table {0} alter column note type varchar(40)" },
        { "a rewrite of the file", "vacuum full {0}" },
        { "statistics", "alter table {0} alter column note set statistics 10" },
    };

    public static TheoryData<string, string> Problems => new()
    {
        { "triggers", "alter table {0} disable trigger \"~agent_sync_delete\"" },
        { "triggers", "alter table {0} enable trigger \"~agent_sync_stamp\"" },
        { "triggers", "alter table {0} disable trigger all" },
        { "triggers", "drop trigger \"~agent_sync_undo\" on {0}" },
        { "columns", "drop table agent_sync.{0}" },
        { "columns", "alter table {0} rename column sync_seq to other" },
        { "children", "create table {0}_child () inherits ({0})" },
        { "parent", "create table {0}_parent (like {0}); alter table {0} inherit {0}_parent" },
        { "unlogged", "alter table {0} set unlogged" },
        { "key", "alter table {0} drop constraint {0}_pkey" },
        { "key", "alter table {0} drop constraint {0}_pkey, add primary key (id) deferrable" },
    };

    [Theory]
    [MemberData(nameof(Rewrites))]
    public async Task Epoch_ValuesWereRewritten_IsAnotherAndStaysSoAfterEnable(string kind, string change)
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Owner, 1);
        var before = await EpochAsync(table);

        await ChangeAsync(table, change);
        var after = await EpochAsync(table);
        await table.EnableAsync();

        Assert.True(before != after, kind);
        Assert.Equal(after, await EpochAsync(table));
        Assert.Empty(await table.ProblemsAsync());
        await ChangeAsync(table, "alter table {0} alter column name type text using lower(name)");
        Assert.NotEqual(after, await EpochAsync(table));
    }

    [Theory]
    [MemberData(nameof(Harmless))]
    public async Task Epoch_NoValueChanged_StaysTheSame(string kind, string change)
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Owner, 1);
        var before = await EpochAsync(table);

        await ChangeAsync(table, change);

        Assert.True(before == await EpochAsync(table), kind);
        Assert.Empty(await table.ProblemsAsync());
    }

    [Theory]
    [MemberData(nameof(Problems))]
    public async Task Horizon_KitCannotSeeEveryChange_SaysSo(string problem, string change)
    {
        var table = await KitTable.CreateAsync(backends.Main);
        var other = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Owner, 1);

        await ChangeAsync(table, change);

        Assert.Equal(problem, (await table.StateAsync()).GetProperty("problem").GetString());
        Assert.NotEmpty(await table.ProblemsAsync());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await other.StateAsync()).GetProperty("problem").ValueKind);
    }

    [Theory]
    [InlineData("alter table {0} disable trigger \"~agent_sync_delete\"")]
    [InlineData("alter table {0} disable trigger user; alter table {0} enable trigger user;")]
    [InlineData("drop trigger \"~agent_sync_update\" on {0}")]
    public async Task Enable_TriggersWereOff_EverybodyStartsOver(string change)
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Owner, 1);
        var before = await EpochAsync(table);

        await ChangeAsync(table, change);
        await table.EnableAsync();

        Assert.NotEqual(before, await EpochAsync(table));
        Assert.Empty(await table.ProblemsAsync());
    }

    [Fact]
    public async Task Prune_TombstonesOfOneTableAreMissing_GoesOnWithTheOthers()
    {
        var broken = await KitTable.CreateAsync(backends.Main);
        var table = await KitTable.CreateAsync(backends.Main);
        await broken.SqlAsync($"drop table {broken.Tombstones}");

        var pruned = await table.SqlAsync("select pruned_table from agent_sync.prune()");

        Assert.Contains(pruned, row => row.GetProperty("pruned_table").GetString() == table.FullName);
        await broken.EnableAsync();
        Assert.Empty(await broken.ProblemsAsync());
    }

    [Fact]
    public async Task Enable_TableHasAParent_DeletesThroughItLeaveTombstones()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await ChangeAsync(table, "create table {0}_parent (like {0}); alter table {0} inherit {0}_parent;");

        await table.EnableAsync();
        await table.InsertAsync(Owner, 1, 2);
        await table.SqlAsync($"delete from {table.Name}_parent where id = 1");

        Assert.Equal([1], (await table.TombstonesOfAsync(Owner)).Keys);
        Assert.Empty(await table.ProblemsAsync());
    }

    [Fact]
    public async Task Partition_MadeAfterEnableAndTruncated_IsAnotherEpoch()
    {
        var table = await PartitionedAsync();
        var before = await EpochAsync(table);
        await table.SqlAsync($"create table {table.Name}_1 partition of {table.Name} for values from (10) to (20)");
        Assert.Equal(before, await EpochAsync(table));
        await table.SqlAsync($"insert into {table.Name} (id, owner_id) values (11, '{Owner}')");

        await table.SqlAsync($"truncate {table.Name}_1");
        var after = await EpochAsync(table);
        await table.EnableAsync();

        Assert.NotEqual(before, after);
        Assert.Equal(after, await EpochAsync(table));
        await table.SqlAsync($"truncate {table.Name}_1");
        Assert.NotEqual(after, await EpochAsync(table));
    }

    [Theory]
    [InlineData("alter table {0} detach partition {0}_0")]
    [InlineData("drop table {0}_0")]
    [InlineData("create table {0}_2 (like {0} including all); insert into {0}_2 (id, owner_id) values (21, null); alter table {0} attach partition {0}_2 for values from (20) to (30);")]
    [InlineData("create table {0}_s partition of {0} for values from (20) to (40) partition by range (id); create table {0}_2 (like {0} including all); insert into {0}_2 (id, owner_id) values (21, null); alter table {0}_s attach partition {0}_2 for values from (20) to (30);")]
    public async Task Partition_ComesOrGoesWithRows_IsAnotherEpoch(string change)
    {
        var table = await PartitionedAsync();
        await table.SqlAsync($"insert into {table.Name} (id, owner_id) values (1, '{Owner}')");
        var before = await EpochAsync(table);

        await ChangeAsync(table, change);
        var after = await EpochAsync(table);
        await table.EnableAsync();

        Assert.NotEqual(before, after);
        Assert.Equal(after, await EpochAsync(table));
        Assert.Empty(await table.ProblemsAsync());
    }

    [Fact]
    public async Task Policies_ChangedAndBackAgain_NoDeleteIsLost()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Owner, 1, 2);
        var first = await EpochAsync(table);
        await table.SqlAsync($"alter policy own_select on {table.Name} using (true)");
        await table.EnableAsync();
        var second = await EpochAsync(table);

        await table.SqlAsync($"delete from {table.Name} where id = 1");
        await table.SqlAsync($"alter policy own_select on {table.Name} using (owner_id = (select auth.uid()))");
        await table.EnableAsync();

        Assert.Equal([1], (await table.TombstonesOfAsync(Owner)).Keys);
        Assert.Equal(3, new HashSet<string> { first, second, await EpochAsync(table) }.Count);
    }

    [Fact]
    public async Task Policies_ChangedAndBackWithoutEnable_TheGradeStaysLowUntilEnable()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        var first = await EpochAsync(table);
        await table.SqlAsync($"alter policy own_select on {table.Name} using (true)");
        Assert.True((await table.StateAsync()).GetProperty("policies_changed").GetBoolean());
        await table.SqlAsync($"alter policy own_select on {table.Name} using (owner_id = (select auth.uid()))");

        Assert.True((await table.StateAsync()).GetProperty("policies_changed").GetBoolean());
        await table.EnableAsync();

        Assert.False((await table.StateAsync()).GetProperty("policies_changed").GetBoolean());
        Assert.NotEqual(first, await EpochAsync(table));
    }

    [Theory]
    [InlineData("create unlogged table {0}_u (id bigint primary key)", "{0}_u")]
    [InlineData("create table {0}_u (id bigint primary key) partition by range (id); create unlogged table {0}_v partition of {0}_u default", "{0}_u")]
    public async Task Enable_UnloggedTable_IsRefused(string create, string name)
    {
        var table = await KitTable.CreateAsync(backends.Main, enable: null);
        await ChangeAsync(table, create);

        var refusal = await Assert.ThrowsAsync<LocalBackendException>(() => ChangeAsync(table, $"select agent_sync.enable('{name}')"));

        Assert.Equal("42809", refusal.Code);
        Assert.Contains("is unlogged", refusal.Message, StringComparison.Ordinal);
    }

    private async Task<KitTable> PartitionedAsync()
    {
        var table = await KitTable.CreateAsync(backends.Main, "id bigint primary key, owner_id uuid", enable: null, options: "partition by range (id)");
        await table.SqlAsync($"create table {table.Name}_0 partition of {table.Name} for values from (0) to (10); select agent_sync.enable('{table.Name}');");
        return table;
    }

    private static async Task<string> EpochAsync(KitTable table) => (await table.StateAsync()).GetProperty("epoch").GetString()!;

    private static async Task ChangeAsync(KitTable table, string sql) =>
        await table.SqlAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, sql, table.Name));
}
