using Agent.Sync.Checkpoints;
using Agent.Sync.Stores;

namespace Agent.Sync.Engine;

/// <summary>Says in the app's words what a checkpoint says.</summary>
internal static class StatusReader
{
    public static async Task<SyncStatus> ReadAsync(EngineParts parts, CancellationToken cancellationToken)
    {
        var statuses = new List<DatasetStatus>(parts.Options.Datasets.Count);
        foreach (var dataset in parts.Options.Datasets)
        {
            statuses.Add(await ReadAsync(parts, dataset, cancellationToken).ConfigureAwait(false));
        }

        return new SyncStatus(statuses);
    }

    private static async Task<DatasetStatus> ReadAsync(EngineParts parts, Dataset dataset, CancellationToken cancellationToken)
    {
        var status = await ReadPositionAsync(parts, dataset, cancellationToken).ConfigureAwait(false) with
        {
            Parked = await parts.Local.CountParkedAsync(dataset, cancellationToken).ConfigureAwait(false),
        };
        if (parts.Local is not IChangeStore store)
        {
            return status;
        }

        var changes = await store.CountChangesAsync(dataset, cancellationToken).ConfigureAwait(false);
        return status with { Pending = changes.Waiting, Quarantined = changes.Quarantined };
    }

    private static async Task<DatasetStatus> ReadPositionAsync(EngineParts parts, Dataset dataset, CancellationToken cancellationToken)
    {
        var id = CheckpointId.For(dataset);
        var stored = await parts.Checkpoints.ReadAsync(id, cancellationToken).ConfigureAwait(false);
        if (stored is null)
        {
            return new DatasetStatus { Dataset = dataset.Name, Phase = SyncPhase.NotStarted };
        }

        var seal = await parts.GetSealAsync(cancellationToken).ConfigureAwait(false);
        var state = CheckpointCodec.Read(seal, id, dataset.Name, stored.Content);
        return new DatasetStatus
        {
            Dataset = dataset.Name,
            Phase = state.Phase,
            Grade = state.Grade,
            IsResync = state.Generation is not null,
            RowsCompleted = state.RowsCompleted,
            AsOf = state.AsOf,
            SavedAt = state.SavedAt,
            Revision = stored.Revision,
        };
    }
}
