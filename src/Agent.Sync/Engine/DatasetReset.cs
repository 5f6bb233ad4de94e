using Agent.Sync.Checkpoints;
using Agent.Sync.Runs;
using Agent.Sync.Stores;

namespace Agent.Sync.Engine;

/// <summary>Forgets where a dataset stands, but not whose local changes wait.</summary>
internal static class DatasetReset
{
    public static async Task RunAsync(EngineParts parts, Dataset dataset, CancellationToken cancellationToken)
    {
        var seal = await parts.GetSealAsync(cancellationToken).ConfigureAwait(false);
        var lease = await DatasetLease.AcquireAsync(parts.Checkpoints, dataset, parts.Seams, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        try
        {
            var keeper = new CheckpointKeeper(parts.Checkpoints, seal, dataset, parts.Seams.Time, lease.Fence);
            if (await FindOwnedAsync(parts, dataset, keeper, cancellationToken).ConfigureAwait(false) is { } owned)
            {
                await keeper.ForgetPositionAsync(owned).ConfigureAwait(false);
            }
            else
            {
                await parts.Checkpoints.ClearAsync(CheckpointId.For(dataset), lease.Fence, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            await lease.ReleaseAsync().ConfigureAwait(false);
        }

        EngineLog.WasReset(parts.Log, dataset.Name);
    }

    /// <summary>Returns the checkpoint that says whose changes wait; null when none wait, or when that is unknown.</summary>
    private static async Task<CheckpointState?> FindOwnedAsync(EngineParts parts, Dataset dataset, CheckpointKeeper keeper, CancellationToken cancellationToken)
    {
        if (parts.Local is not IChangeStore store || await store.CountChangesAsync(dataset, cancellationToken).ConfigureAwait(false) is (0, 0))
        {
            return null;
        }

        try
        {
            return await keeper.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (SyncProtocolException)
        {
            // It is damaged or from a newer version, which a reset is meant to solve.
            return null;
        }
    }
}
