using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Privacy;
using Agent.Sync.IntegrationTests.Processes;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.IntegrationTests.Exact;

/// <summary>What an engine says and does about a kit that is not as it needs it: another version, other policies, a replica.</summary>
[Collection(ExactCollection.Name)]
public sealed class ExactKitTests(BackendFixture backends)
{
    [Theory]
    [InlineData(0, "Run the kit's migration of this package again")]
    [InlineData(3, "Update the package Agent.Sync")]
    public async Task SyncAsync_KitOfAnotherVersion_SaysWhatToUpdateAndTheMigrationHeals(int version, string advice)
    {
        await using var scene = await ExactScene.OpenAsync(await backends.GetExactAsync());
        await scene.SqlAsync(scene.Insert(1, 5));
        await scene.SyncAsync();
        await scene.SqlAsync(scene.Delete("row = 1"));
        await scene.SqlAsync(
            $"""
            create or replace function agent_sync_private.kit_version() returns integer language sql immutable parallel safe set search_path = '' as 'select {version}';
            update agent_sync_private.tables set kit = {version};
            """);
        try
        {
            var refusal = await Assert.ThrowsAsync<SyncSchemaException>(() => scene.SyncAsync());

            Assert.Equal(SyncErrorKind.SqlKit, refusal.Kind);
            Assert.Contains(advice, refusal.Message, StringComparison.Ordinal);
            Assert.Equal(5, await scene.Device.CountAsync());
            scene.Device.Configure = static options => options.SqlKit = SqlKitMode.Ignore;
            Assert.Equal((SyncOutcome.Completed, CompletenessGrade.Overlap), Of(await scene.SyncAsync()));
            scene.Device.Configure = null;
        }
        finally
        {
            await ApplyMigrationAsync(scene);
        }

        Assert.Equal((SyncOutcome.Completed, CompletenessGrade.Exact), Of(await scene.SyncAsync()));
        await scene.AssertEqualAsync();
        Assert.Equal(SqlKit.Version, (await scene.SqlAsync("select min(kit)::int as kit from agent_sync_private.tables"))[0].GetProperty("kit").GetInt32());
    }

    [Fact]
    public async Task SyncAsync_SelectPolicyChangedAfterEnable_PromisesLessUntilEnableIsCalledAgain()
    {
        await using var scene = await ExactScene.OpenAsync(await backends.GetExactAsync());
        using var heard = new TelemetryCapture();
        using var logs = LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Warning).AddProvider(heard));
        scene.Device.LoggerFactory = logs;
        await scene.SqlAsync(scene.Insert(1, 10));
        Assert.Equal(CompletenessGrade.Exact, (await scene.SyncAsync()).Grade);
        try
        {
            await scene.SqlAsync("alter policy notes_select on public.notes using (owner_id = auth.uid() and label <> 'hidden')");
            await scene.SqlAsync(scene.Delete("row = 1"));

            Assert.Equal((SyncOutcome.Completed, CompletenessGrade.Overlap), Of(await scene.SyncAsync()));
            Assert.Contains(heard.Logs, static line => line.Contains("agent_sync.enable('public.notes')", StringComparison.Ordinal));
            await scene.AssertEqualAsync();

            // The new policy asks for a column that the tombstones did not keep.
            await EnableNotesAsync(scene);
            var stopped = await scene.SyncAsync();
            Assert.Equal((SyncOutcome.ResyncRequired, ResyncReason.EpochChanged), (stopped.Outcome, stopped.ResyncReason));
            Assert.Equal((SyncOutcome.Completed, CompletenessGrade.Exact), Of(await scene.SyncAsync(new SyncRequest { FullResync = true })));

            await scene.SqlAsync(scene.Update("label = 'hidden'", "row = 2"));
            Assert.Equal(1, (await scene.SyncAsync()).Deleted);
            await scene.AssertEqualAsync();
        }
        finally
        {
            await scene.SqlAsync("alter policy notes_select on public.notes using (owner_id = (select auth.uid()))");
            await EnableNotesAsync(scene);
        }
    }

    [Fact]
    public async Task SyncAsync_ServerIsAStandby_SaysThatThePrimaryIsNeededAndAPromotionIsAnotherEpoch()
    {
        await using var backend = await Backend.StartAsync(new BackendHost.LocalBackendOptions());
        backend.RequireSessions();
        await ExactTables.CreateAsync(backend);
        await backend.Host.RestartAsync(TestContext.Current.CancellationToken);
        await using var scene = await ExactScene.OpenAsync(backend);
        await scene.SqlAsync(scene.Insert(1, 10));
        await scene.SyncAsync();
        await scene.SqlAsync("do $$ begin execute format('copy (select) to %L', current_setting('data_directory') || '/standby.signal'); end $$");
        await backend.Host.StopDatabaseAsync(cancellationToken: TestContext.Current.CancellationToken);
        await backend.Host.StartDatabaseAsync(TestContext.Current.CancellationToken);

        var refusal = await Assert.ThrowsAsync<SyncSchemaException>(() => scene.SyncAsync());

        Assert.Equal((SyncErrorKind.SqlKit, "25006"), (refusal.Kind, refusal.Code));
        Assert.Contains("primary", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(10, await scene.Device.CountAsync());
        await scene.SqlAsync("select pg_promote()");
        await scene.SqlAsync(scene.Insert(11, 1));
        var stopped = await scene.SyncAsync();
        Assert.Equal((SyncOutcome.ResyncRequired, ResyncReason.EpochChanged), (stopped.Outcome, stopped.ResyncReason));
        Assert.Equal((SyncOutcome.Completed, CompletenessGrade.Exact), Of(await scene.SyncAsync(new SyncRequest { FullResync = true })));
        await scene.AssertEqualAsync();
    }

    private static (SyncOutcome Outcome, CompletenessGrade Grade) Of(DatasetResult result) => (result.Outcome, result.Grade);

    private static async Task EnableNotesAsync(ExactScene scene) => await scene.SqlAsync("select agent_sync.enable('public.notes')");

    private static async Task ApplyMigrationAsync(ExactScene scene)
    {
        var migration = await File.ReadAllTextAsync(
            Path.Combine(Repository.Root, "supabase", "migrations", "20260201000000_agent_sync_kit.sql"), TestContext.Current.CancellationToken);
        // A newer version's triggers are not taken back by themselves.
        await scene.SqlAsync($"begin;\nupdate agent_sync_private.tables set kit = 0;\n{migration}\ncommit;");
    }
}
