using System.Diagnostics;
using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using BackendHost;

namespace Agent.Sync.IntegrationTests.Exact;

/// <summary>A position belongs to one history of the server. In another one the run stops, old rows stay readable, and a resync heals.</summary>
[Collection(ExactCollection.Name)]
public sealed class ExactHistoryTests(BackendFixture backends)
{
    [Fact]
    public async Task SyncAsync_TableTruncatedAndFilledAgain_IsAnotherEpoch()
    {
        await using var scene = await OpenAsync();
        await scene.SqlAsync("truncate public.notes;" + scene.Insert(1, 5, label: "'after'"));

        await AssertStopsAndHealsAsync(scene, ResyncReason.EpochChanged);
    }

    [Fact]
    public async Task SyncAsync_KitSwitchedOffAndOnUnnoticed_IsAnotherEpoch()
    {
        await using var scene = await OpenAsync();
        await scene.SqlAsync("select agent_sync.disable('public.notes');" + scene.Delete("row <= 5") + "select agent_sync.enable('public.notes', filter_columns => '{kind}');");
        await scene.Backend.Host.RestartAsync(TestContext.Current.CancellationToken);

        await AssertStopsAndHealsAsync(scene, ResyncReason.EpochChanged);
    }

    [Fact]
    public async Task SyncAsync_TombstonesPurgedWhileAway_AsksForAResync()
    {
        await using var scene = await OpenAsync();
        await scene.SqlAsync(scene.Delete("row <= 5"));
        await scene.SqlAsync("update agent_sync.notes set tombstoned_at = now() - interval '31 days'");
        await scene.SqlAsync("select * from agent_sync.prune('public.notes')");
        await scene.SqlAsync("update agent_sync_private.tables set announced_at = announced_at - agent_sync_private.prune_wait()");
        await scene.SqlAsync("select * from agent_sync.prune('public.notes')");

        await AssertStopsAndHealsAsync(scene, ResyncReason.TombstonesPurged);
    }

    [Fact]
    public async Task SyncAsync_TombstonesPurgedBeforeTheirSync_ChangesNothingForThisDevice()
    {
        await using var scene = await OpenAsync();
        await scene.SqlAsync(scene.Delete("row <= 5"));
        await scene.SyncAsync();
        await scene.SqlAsync("update agent_sync.notes set tombstoned_at = now() - interval '31 days'");
        await scene.SqlAsync("select * from agent_sync.prune('public.notes')");

        Assert.Equal(SyncOutcome.Completed, (await scene.SyncAsync()).Outcome);
        await scene.AssertEqualAsync();
    }

    [Fact]
    public async Task SyncAsync_SnapshotOfTheDatabasePutBack_IsNoticedByTheHorizon()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Copies PostgreSQL's files with their rights.");
            return;
        }

        // The same cluster, the same timeline, an earlier transaction id: what restoring a disk's snapshot does.
        var folder = Directory.CreateTempSubdirectory("agent-sync-snapshot-");
        try
        {
            // The database runs as a user of its own where the tests run as root.
            File.SetUnixFileMode(folder.FullName, (UnixFileMode)0b111_101_101);
            var data = Path.Combine(folder.FullName, "data");
            var snapshot = Path.Combine(folder.FullName, "snapshot");
            await using var backend = await Backend.StartAsync(new LocalBackendOptions { DataDirectory = data });
            backend.RequireSessions();
            await ExactTables.CreateAsync(backend);
            await using var scene = await ExactScene.OpenAsync(backend);
            await scene.SqlAsync(scene.Insert(1, 30));
            await backend.Host.StopDatabaseAsync(cancellationToken: TestContext.Current.CancellationToken);
            await CopyAsync(data, snapshot);
            await backend.Host.StartDatabaseAsync(TestContext.Current.CancellationToken);
            await scene.SyncAsync();
            for (var round = 0; round < 20; round++)
            {
                await scene.SqlAsync(scene.Update("label = 'undone'", "row = 1"));
            }

            await scene.SyncAsync();
            await backend.Host.StopDatabaseAsync(cancellationToken: TestContext.Current.CancellationToken);
            Directory.Delete(data, recursive: true);
            await CopyAsync(snapshot, data);
            await backend.Host.StartDatabaseAsync(TestContext.Current.CancellationToken);

            await AssertStopsAndHealsAsync(scene, ResyncReason.EpochChanged);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task SyncAsync_DumpLoadedIntoAYoungerDatabase_NamesTheRestampCallAndHealsAfterIt()
    {
        await using var scene = await OpenAsync();

        // What a dump leaves: rows far ahead of the transaction ids, and another cluster's mark.
        await scene.SqlAsync(
            $"""
            alter table public.notes disable trigger user;
            {scene.Update("sync_seq = pg_current_xact_id()::text::bigint + 5000000", "row <= 10")}
            alter table public.notes enable trigger user;
            alter table public.notes enable always trigger "~agent_sync_stamp", enable always trigger "~agent_sync_insert",
                enable always trigger "~agent_sync_update", enable always trigger "~agent_sync_delete", enable always trigger "~agent_sync_truncate";
            update agent_sync_private.tables set cluster_id = 'another' where relid = 'public.notes'::regclass;
            """);
        var exception = await Assert.ThrowsAsync<SyncSchemaException>(() => scene.SyncAsync());
        Assert.Equal(SyncErrorKind.SqlKit, exception.Kind);
        Assert.Contains("agent_sync.restamp('public.notes')", exception.Message, StringComparison.Ordinal);
        Assert.Equal(30, await scene.Device.CountAsync());

        await scene.SqlAsync("select agent_sync.restamp('public.notes')");

        await AssertStopsAndHealsAsync(scene, ResyncReason.EpochChanged);
    }

    [Fact]
    public async Task SyncAsync_KitMissesChangesOfOneTable_StopsThatDatasetAndSyncsTheOther()
    {
        await using var scene = await ExactScene.OpenAsync(await backends.GetExactAsync(), ExactDatasets.Notes, ExactDatasets.Volumes);
        await scene.SyncAsync();
        await scene.SqlAsync("alter table public.notes disable trigger \"~agent_sync_delete\";" + scene.Insert(1, 5) + scene.Insert(1, 5, "volumes"));
        try
        {
            var exception = await Assert.ThrowsAsync<SyncSchemaException>(() => scene.SyncAsync());

            Assert.Equal((SyncErrorKind.SqlKit, "notes"), (exception.Kind, exception.Dataset));
            Assert.Contains("ENABLE ALWAYS", exception.Message, StringComparison.Ordinal);
            await scene.Device.AssertEqualToServerAsync(ExactDatasets.Volumes);
        }
        finally
        {
            await scene.SqlAsync("select agent_sync.enable('public.notes', filter_columns => '{kind}')");
        }

        Assert.Equal((SyncOutcome.ResyncRequired, ResyncReason.EpochChanged), await OutcomeAsync(scene));
        await scene.SyncAsync(new SyncRequest { FullResync = true });
        await scene.AssertEqualAsync();
    }

    private static async Task<(SyncOutcome Outcome, ResyncReason Reason)> OutcomeAsync(ExactScene scene)
    {
        var result = await scene.SyncAsync();
        return (result.Outcome, result.ResyncReason);
    }

    /// <summary>Copies with owner and rights: PostgreSQL starts on nothing else.</summary>
    private static async Task CopyAsync(string from, string to)
    {
        using var copy = Process.Start("cp", ["-a", from, to]);
        await copy.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, copy.ExitCode);
    }

    private static async Task AssertStopsAndHealsAsync(ExactScene scene, ResyncReason reason)
    {
        var old = await LocalRows.DigestAsync(scene.Device.DatabasePath, scene.Device.Datasets[0]);

        var stopped = await scene.SyncAsync();

        Assert.Equal((SyncOutcome.ResyncRequired, reason), (stopped.Outcome, stopped.ResyncReason));
        Assert.Equal(old, await LocalRows.DigestAsync(scene.Device.DatabasePath, scene.Device.Datasets[0]));
        var healed = await scene.SyncAsync(new SyncRequest { FullResync = true, AllowMassDelete = true });
        Assert.Equal((SyncOutcome.Completed, CompletenessGrade.Exact), (healed.Outcome, healed.Grade));
        await scene.AssertEqualAsync();
        Assert.Equal(SyncOutcome.Completed, (await scene.SyncAsync()).Outcome);
    }

    private async Task<ExactScene> OpenAsync()
    {
        var scene = await ExactScene.OpenAsync(await backends.GetExactAsync());
        await scene.SqlAsync(scene.Insert(1, 30));
        await scene.SyncAsync();
        return scene;
    }
}
