using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Exact;

namespace Agent.Sync.IntegrationTests.Migrations;

/// <summary>Columns are renamed, or leave the dataset, while edits of them wait or not.</summary>
[Collection(ExactCollection.Name)]
public sealed class RenameTests(BackendFixture backends)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sync_LocalColumnRenamed_IsReadAgainAndPartOfNoEdit(bool kit)
    {
        await using var scene = await MigrationScene.StartAsync(backends, kit, local: null);
        await scene.MigrateAsync($"ALTER TABLE {scene.Table} RENAME COLUMN note TO remark; UPDATE {scene.Table} SET name = 'mine' WHERE id = 1");

        var result = await scene.SyncAsync(SyncOutcome.Completed);

        Assert.Equal((1, 0), (result.Pushed, result.Quarantined));
        Assert.Equal(MigrationScene.First("note"), await scene.ServerAsync("note"));
        Assert.Equal(MigrationScene.First("note"), await scene.LocalAsync("note"));
        await scene.AssertSameAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sync_ColumnRenamedEverywhereWhileItsEditWaits_IsKeptAndSentOnRetry(bool kit)
    {
        await using var scene = await MigrationScene.StartAsync(backends, kit, local: null);
        await scene.MigrateAsync($"UPDATE {scene.Table} SET name = 'mine' WHERE id = 1; UPDATE {scene.Table} SET note = 'mine' WHERE id = 2");
        await scene.ServerMigratesAsync($"alter table public.{scene.Table} rename column name to title");
        await scene.MigrateAsync($"ALTER TABLE {scene.Table} RENAME COLUMN name TO title");
        scene.Declare("title", "note");

        var result = await scene.SyncAsync(SyncOutcome.CompletedWithQuarantine);

        Assert.Equal((1, 1), (result.Pushed, result.Quarantined));
        var kept = Assert.Single(await scene.ChangesAsync());
        Assert.Equal(("column_gone", "name"), (kept.Code, kept.Constraint));
        Assert.StartsWith("mine,name 2,", await scene.LocalAsync("title"), StringComparison.Ordinal);
        Assert.Equal(MigrationScene.First("name"), await scene.ServerAsync("title"));

        await using (var open = scene.Device.Open())
        {
            await open.Engine.RetryChangesAsync(scene.Table, cancellationToken: TestContext.Current.CancellationToken);
        }

        Assert.Equal(1, (await scene.SyncAsync(SyncOutcome.Completed)).Pushed);
        Assert.StartsWith("mine,name 2,", await scene.ServerAsync("title"), StringComparison.Ordinal);
        await scene.AssertSameAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sync_ColumnLeavesTheDatasetWhileItsEditWaits_IsKeptAndSentWhenItIsBack(bool kit)
    {
        await using var scene = await MigrationScene.StartAsync(backends, kit, local: null);
        await scene.MigrateAsync($"UPDATE {scene.Table} SET note = 'mine' WHERE id = 1; UPDATE {scene.Table} SET name = 'mine' WHERE id = 2");
        scene.Declare("name", "owner_id");

        var result = await scene.SyncAsync(SyncOutcome.CompletedWithQuarantine);

        Assert.Equal((1, 1), (result.Pushed, result.Quarantined));
        Assert.Equal(("column_gone", "note"), (Assert.Single(await scene.ChangesAsync()).Code, Assert.Single(await scene.ChangesAsync()).Constraint));
        Assert.StartsWith("mine,note 2", await scene.LocalAsync("note"), StringComparison.Ordinal);

        // From now on the column is the app's own: its edits are nobody else's business.
        await scene.MigrateAsync($"UPDATE {scene.Table} SET note = 'private' WHERE id = 3");
        Assert.Equal((0L, 1L), Of(await scene.SyncAsync(SyncOutcome.CompletedWithQuarantine)));

        scene.Declare();
        await using (var open = scene.Device.Open())
        {
            await open.Engine.RetryChangesAsync(scene.Table, cancellationToken: TestContext.Current.CancellationToken);
        }

        Assert.Equal((1L, 0L), Of(await scene.SyncAsync(SyncOutcome.Completed)));
        Assert.StartsWith("mine,note 2,note 3", await scene.ServerAsync("note"), StringComparison.Ordinal);
        await scene.AssertSameAsync();
    }

    private static (long Pushed, long Quarantined) Of(DatasetResult result) => (result.Pushed, result.Quarantined);
}
