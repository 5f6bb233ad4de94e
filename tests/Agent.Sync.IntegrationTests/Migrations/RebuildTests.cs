using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Exact;

namespace Agent.Sync.IntegrationTests.Migrations;

/// <summary>The app's migrations rebuild its table between two runs. Nobody typed what they leave in columns that were not there before.</summary>
[Collection(ExactCollection.Name)]
public sealed class RebuildTests(BackendFixture backends)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sync_RebuildWithoutTheColumnTheStoreAdded_BringsItBackAndSendsNothing(bool kit)
    {
        await using var scene = await MigrationScene.StartAsync(backends, kit);
        await scene.RebuildAsync();

        var result = await scene.SyncAsync(SyncOutcome.Completed);

        Assert.Equal((0, 0, 0), (result.Pushed, result.Quarantined, result.Conflicts));
        Assert.Equal(MigrationScene.First("note"), await scene.ServerAsync("note"));
        await scene.AssertSameAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sync_SeveralRebuildsAndEditsInBetween_FindsTheEditsAlone(bool kit)
    {
        await using var scene = await MigrationScene.StartAsync(backends, kit);
        await scene.RebuildAsync();
        await scene.MigrateAsync($"UPDATE {scene.Table} SET name = 'mine' WHERE id = 3; DELETE FROM {scene.Table} WHERE id = 5");
        await scene.RebuildAsync(inside: $"INSERT INTO {scene.Table} (id, name) VALUES (100, 'new'); UPDATE {scene.Table} SET name = 'inside' WHERE id = 4");

        var result = await scene.SyncAsync(SyncOutcome.Completed);

        Assert.Equal((4, 0, 0), (result.Pushed, result.Quarantined, result.Conflicts));
        Assert.Equal("name 1,name 2,mine,inside,name 6,name 7,name 8,new", await scene.ServerAsync("name"));
        Assert.Equal("note 1,note 2,note 3,note 4,note 6,note 7,note 8,-", await scene.ServerAsync("note"));
        await scene.AssertSameAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sync_RebuildThatLosesEveryColumnOfTheServers_FindsTheEditAndNothingElse(bool kit)
    {
        await using var scene = await MigrationScene.StartAsync(backends, kit, local: "name TEXT");
        await scene.RebuildAsync("name TEXT", "name", $"UPDATE {scene.Table} SET name = 'mine' WHERE id = 2");

        var result = await scene.SyncAsync(SyncOutcome.Completed);

        Assert.Equal((1, 0, 0), (result.Pushed, result.Quarantined, result.Conflicts));
        Assert.Equal("mine", (await scene.ServerAsync("name")).Split(',')[1]);
        Assert.Equal(MigrationScene.First("note"), await scene.ServerAsync("note"));
        await scene.AssertSameAsync();

        // And once more: what the first resync left must not look lost again.
        Assert.Equal((0L, 0L), await AgainAsync(scene));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sync_RebuildThatLosesTheVersions_RowsNobodyCanTellAreKeptAndNamed(bool kit)
    {
        await using var scene = await MigrationScene.StartAsync(backends, kit, local: "name TEXT");
        await scene.RebuildAsync("name TEXT", "name", $"INSERT INTO {scene.Table} (id, name) VALUES (100, 'mine')");
        await scene.Backend.SqlAsync($"delete from public.{scene.Table} where id = 1");

        await scene.SyncAsync(SyncOutcome.CompletedWithQuarantine);

        // Row 1 was deleted there or inserted here: it is not sent, and row 100 is neither lost nor sent without a word.
        Assert.Equal("name 2,name 3,name 4,name 5,name 6,name 7,name 8", await scene.ServerAsync("name"));
        Assert.All(await scene.ChangesAsync(), static change => Assert.Equal(("unrecorded", ChangeKind.Insert), (change.Code, change.Kind)));
        Assert.Contains("mine", await scene.LocalAsync("name"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, 8)]
    [InlineData(false, 8)]
    [InlineData(true, 1500)]
    [InlineData(false, 1500)]
    public async Task Sync_NewServerColumnAndALocalDefault_TakesTheServersValues(bool kit, int rows)
    {
        await using var scene = await MigrationScene.StartAsync(backends, kit, rows: rows);
        await AddStatusAsync(scene);
        await scene.RebuildAsync("name TEXT, note TEXT, version INTEGER, updated_at TEXT, status TEXT NOT NULL DEFAULT ''", "name, note, version, updated_at");

        var result = await scene.SyncAsync(SyncOutcome.Completed);

        Assert.Equal((0, 0), (result.Pushed, result.Quarantined));
        Assert.Equal(string.Join(',', Enumerable.Repeat("open", rows)), await scene.ServerAsync("status"));
        await scene.AssertSameAsync(rows);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sync_NewServerColumnAndALocalDefaultUnderAWaitingEdit_SendsTheEditAlone(bool kit)
    {
        await using var scene = await MigrationScene.StartAsync(backends, kit);
        await scene.MigrateAsync($"UPDATE {scene.Table} SET name = 'mine' WHERE id = 2");
        await AddStatusAsync(scene);
        await scene.MigrateAsync($"ALTER TABLE {scene.Table} ADD COLUMN status TEXT NOT NULL DEFAULT ''; UPDATE {scene.Table} SET name = 'mine too' WHERE id = 3");

        var result = await scene.SyncAsync(SyncOutcome.Completed);

        Assert.Equal((2, 0, 0), (result.Pushed, result.Quarantined, result.Conflicts));
        Assert.Equal(string.Join(',', Enumerable.Repeat("open", MigrationScene.Rows)), await scene.ServerAsync("status"));
        Assert.StartsWith("name 1,mine,mine too,", await scene.ServerAsync("name"), StringComparison.Ordinal);
        await scene.AssertSameAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sync_RebuildWhileEditsWait_SendsThemAndKeepsTheOneWhoseColumnWasLost(bool kit)
    {
        await using var scene = await MigrationScene.StartAsync(backends, kit);
        await scene.MigrateAsync(
            $"UPDATE {scene.Table} SET name = 'mine' WHERE id = 1; UPDATE {scene.Table} SET note = 'mine' WHERE id = 2; DELETE FROM {scene.Table} WHERE id = 3; INSERT INTO {scene.Table} (id, name) VALUES (100, 'new')");
        await scene.RebuildAsync();

        var result = await scene.SyncAsync(SyncOutcome.CompletedWithQuarantine);

        Assert.Equal((3, 1), (result.Pushed, result.Quarantined));
        var kept = Assert.Single(await scene.ChangesAsync());
        Assert.Equal(("column_gone", "note", """{"id":2}"""), (kept.Code, kept.Constraint, kept.Key));
        Assert.Equal("mine,name 2,name 4,name 5,name 6,name 7,name 8,new", await scene.ServerAsync("name"));
        Assert.Equal("note 1,note 2,note 4,note 5,note 6,note 7,note 8,-", await scene.ServerAsync("note"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sync_ColumnDroppedAndAddedAgain_AsksBeforeAnythingIsSent(bool kit)
    {
        await using var scene = await MigrationScene.StartAsync(backends, kit, local: null);
        await scene.RebuildAsync("name TEXT, note TEXT, version INTEGER, updated_at TEXT");

        var result = await scene.SyncAsync(SyncOutcome.UnrecordedEditsHeld);

        Assert.Equal((0, MigrationScene.Rows), (result.Pushed, result.Quarantined));
        Assert.Equal(MigrationScene.First("note"), await scene.ServerAsync("note"));
        Assert.All(await scene.ChangesAsync(), static change => Assert.Equal("unrecorded", change.Code));

        // Nothing is stuck: an edit of another row's name goes up, and the user takes the server's rows.
        await scene.SyncAsync(SyncOutcome.CompletedWithQuarantine);
        await using (var open = scene.Device.Open())
        {
            Assert.Equal(MigrationScene.Rows, await open.Engine.DiscardChangesAsync(scene.Table, cancellationToken: TestContext.Current.CancellationToken));
        }

        await scene.SyncAsync(SyncOutcome.Completed);
        Assert.Equal(MigrationScene.First("note"), await scene.LocalAsync("note"));
        await scene.AssertSameAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sync_MoreUnrecordedEditsThanAPersonTypes_AreHeldUntilTheUserSendsThem(bool kit)
    {
        await using var scene = await MigrationScene.StartAsync(backends, kit, rows: 40);
        await scene.RebuildAsync("name TEXT, note TEXT, version INTEGER, updated_at TEXT", "name, note, version, updated_at", $"UPDATE {scene.Table} SET name = upper(name) WHERE id <= 21");

        var result = await scene.SyncAsync(SyncOutcome.UnrecordedEditsHeld);
        Assert.Equal((0, 21), (result.Pushed, result.Quarantined));
        Assert.Equal(MigrationScene.First("name", 40), await scene.ServerAsync("name"));

        await using (var open = scene.Device.Open())
        {
            Assert.Equal(21, await open.Engine.RetryChangesAsync(scene.Table, cancellationToken: TestContext.Current.CancellationToken));
        }

        Assert.Equal(21, (await scene.SyncAsync(SyncOutcome.Completed)).Pushed);
        Assert.StartsWith("NAME 1,", await scene.ServerAsync("name"), StringComparison.Ordinal);
        await scene.AssertSameAsync(40);
    }

    private static async Task AddStatusAsync(MigrationScene scene)
    {
        await scene.ServerMigratesAsync($"alter table public.{scene.Table} add column status text not null default 'open'");
        scene.Declare("name", "note", "status");
    }

    private static async Task<(long Pushed, long Applied)> AgainAsync(MigrationScene scene)
    {
        var result = await scene.SyncAsync(SyncOutcome.Completed);
        return (result.Pushed, result.Applied);
    }
}
