using Agent.Sync.IntegrationTests.Backends;

namespace Agent.Sync.IntegrationTests.Kit;

/// <summary>A TRUNCATE that reaches other tables is noticed in each of them.</summary>
public sealed class TruncateTests(BackendFixture backends)
{
    private static readonly Guid Owner = Guid.NewGuid();

    [Theory]
    [InlineData("truncate {0} cascade", false)]
    [InlineData("truncate {0} cascade", true)]
    [InlineData("truncate {0}, {1} restart identity", false)]
    [InlineData("truncate {0}, {1}", true)]
    public async Task Truncate_ReachesAReferringTable_BothAreOtherEpochsWithoutTombstones(string sql, bool isPartitioned)
    {
        var parent = await KitTable.CreateAsync(backends.Main, "id bigint primary key, owner_id uuid, name text");
        var child = await KitTable.CreateAsync(
            backends.Main,
            $"id bigint primary key, owner_id uuid, name text, parent_id bigint references {parent.Name} (id)",
            enable: null,
            options: isPartitioned ? "partition by range (id)" : string.Empty);
        if (isPartitioned)
        {
            await child.SqlAsync($"create table {child.Name}_0 partition of {child.Name} default");
        }

        await child.EnableAsync();
        await parent.InsertAsync(Owner, 1, 2);
        await child.InsertAsync(Owner, 1, 2);
        await parent.SqlAsync($"update {child.Name} set parent_id = 2; delete from {child.Name} where id = 1; delete from {parent.Name} where id = 1;");
        string[] before = [await EpochAsync(parent), await EpochAsync(child)];
        var statement = string.Format(System.Globalization.CultureInfo.InvariantCulture, sql, parent.Name, child.Name);

        await parent.SqlAsync($"begin; {statement}; rollback;");
        Assert.Equal((before[0], before[1]), (await EpochAsync(parent), await EpochAsync(child)));
        Assert.Equal([1], (await child.TombstonesOfAsync(Owner)).Keys);
        await parent.SqlAsync(statement);

        Assert.NotEqual(before[0], await EpochAsync(parent));
        Assert.NotEqual(before[1], await EpochAsync(child));
        Assert.Empty(await parent.TombstonesOfAsync(Owner));
        Assert.Empty(await child.TombstonesOfAsync(Owner));
        Assert.Empty(await child.ProblemsAsync());
    }

    private static async Task<string> EpochAsync(KitTable table) => (await table.StateAsync()).GetProperty("epoch").GetString()!;
}
