using Agent.Sync.Checkpoints;
using Agent.Sync.Kit;
using Agent.Sync.Postgrest;
using Agent.Sync.Runs;
using Agent.Sync.Stores;

namespace Agent.Sync.Doctor;

/// <summary>Looks at the local store: tables, checkpoints, and what waits there. Makes and changes nothing.</summary>
internal sealed class LocalCheckup(CheckupParts parts, FindingList list)
{
    /// <summary>A sync runs more often than this nearly everywhere.</summary>
    private static readonly TimeSpan WaitsForLong = TimeSpan.FromDays(1);

    /// <param name="session">Who is signed in; null when that is not known.</param>
    /// <param name="kit">What the SQL kit says of the datasets that have it.</param>
    /// <param name="cancellationToken">Ends the checks.</param>
    public async Task RunAsync(PostgrestSession? session, IReadOnlyDictionary<Dataset, KitDataset> kit, CancellationToken cancellationToken)
    {
        await list.CheckAsync(
            FindingCodes.LocalTable,
            null,
            async () => list.AddRange(await parts.Local.DiagnoseAsync(parts.Datasets, cancellationToken).ConfigureAwait(false)),
            cancellationToken).ConfigureAwait(false);
        foreach (var dataset in parts.Datasets)
        {
            CheckpointState? saved = null;
            await list.CheckAsync(
                FindingCodes.Checkpoint,
                dataset,
                async () =>
                {
                    saved = await parts.ReadCheckpointAsync(dataset, cancellationToken).ConfigureAwait(false);
                    CheckCheckpoint(dataset, saved, session, kit.GetValueOrDefault(dataset));
                },
                cancellationToken).ConfigureAwait(false);
            await list.CheckAsync(FindingCodes.Changes, dataset, () => CheckChangesAsync(dataset, saved, cancellationToken), cancellationToken).ConfigureAwait(false);
            await list.CheckAsync(FindingCodes.ParkedRows, dataset, () => CheckParkedAsync(dataset, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
    }

    private void CheckCheckpoint(Dataset dataset, CheckpointState? saved, PostgrestSession? session, KitDataset? kit)
    {
        if (saved is null or { Phase: SyncPhase.NotStarted })
        {
            list.Ok(FindingCodes.Checkpoint, dataset, "Nothing was synced yet.");
            return;
        }

        var what = saved.Phase == SyncPhase.Backfill ? "A first sync or resync is under way, and resumes with the next run." : "The position can be read.";
        if (session is null)
        {
            list.Ok(FindingCodes.Checkpoint, dataset, what);
            return;
        }

        var present = ScopeStamp.For(dataset, parts.Options.Url!, session.Subject, session.Role);
        if (!ResyncCheck.IsSameUser(saved.Scope, present))
        {
            list.Error(
                FindingCodes.Checkpoint,
                dataset,
                "The local rows belong to another user.",
                "Every run ends as UserChanged, so that no row or edit of one user gets to the other.",
                "Give each user a store of their own, or sync with FullResync once nothing of the former user's waits.");
        }
        else if (ResyncCheck.BeforePull(saved, present, new LocalState(saved.StoreId, HasRows: true), kit) is var reason and not ResyncReason.None)
        {
            list.Warning(
                FindingCodes.Checkpoint, dataset, $"The next run needs a resync ({reason}).", "It ends as ResyncRequired and brings nothing.", "await engine.SyncAsync(new SyncRequest { FullResync = true }); // agent-sync sync --full-resync");
        }
        else
        {
            list.Ok(FindingCodes.Checkpoint, dataset, what);
        }
    }

    private async Task CheckChangesAsync(Dataset dataset, CheckpointState? saved, CancellationToken cancellationToken)
    {
        if (parts.Local is not IChangeStore store)
        {
            return;
        }

        var counts = await store.CountChangesAsync(dataset, cancellationToken).ConfigureAwait(false);
        if (counts.Quarantined > 0)
        {
            list.Warning(
                FindingCodes.Changes,
                dataset,
                $"{Changes(counts.Quarantined)} in quarantine.",
                "They are not on the server, and stay here until somebody decides about them.",
                "ReadChangesAsync lists them with their reasons, RetryChangesAsync and DiscardChangesAsync decide. // agent-sync quarantine");
        }

        var age = saved is null ? default : parts.Seams.Time.GetUtcNow() - saved.SavedAt;
        if (counts.Waiting > 0 && age > WaitsForLong)
        {
            list.Warning(
                FindingCodes.Changes,
                dataset,
                $"{Changes(counts.Waiting)} to be sent, and no run has moved the position for more than a day.",
                "Nobody else sees these edits.",
                "Sync, and look at the outcome and the exceptions of the runs.");
        }
        else if (counts.Quarantined == 0)
        {
            list.Ok(FindingCodes.Changes, dataset, counts.Waiting > 0 ? $"{Changes(counts.Waiting)} to be sent by the next run." : "No local change waits.");
        }
    }

    private async Task CheckParkedAsync(Dataset dataset, CancellationToken cancellationToken)
    {
        var parked = await parts.Local.CountParkedAsync(dataset, cancellationToken).ConfigureAwait(false);
        if (parked == 0)
        {
            list.Ok(FindingCodes.ParkedRows, dataset, "The local table refuses no row.");
            return;
        }

        list.Warning(
            FindingCodes.ParkedRows,
            dataset,
            $"{(parked == 1 ? "1 row" : $"{parked} rows")} of the server that the local table refuses.",
            "The local table has an older version of them, or lacks them.",
            "ReadParkedRowsAsync lists them with the constraint or trigger that refuses them; change that, or the row in its way. Every sync tries them again. // agent-sync quarantine");
    }

    private static string Changes(long count) => count == 1 ? "1 local change" : $"{count} local changes";
}
