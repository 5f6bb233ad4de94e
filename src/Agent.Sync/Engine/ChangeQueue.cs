using System.Runtime.CompilerServices;
using Agent.Sync.Runs;
using Agent.Sync.Stores;

namespace Agent.Sync.Engine;

/// <summary>The app's view of what is not on the other side yet: a dataset's outbox and quarantine, and its parked rows.</summary>
internal sealed class ChangeQueue(EngineParts parts)
{
    private const int ListedAtOnce = 256;

    public async IAsyncEnumerable<LocalChange> ReadAsync(
        Dataset dataset, ChangeState? state, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (parts.Local is not IChangeStore store || await IsEmptyAsync(store, dataset, cancellationToken).ConfigureAwait(false))
        {
            yield break;
        }

        await store.PrepareAsync(dataset, cancellationToken).ConfigureAwait(false);
        var after = 0L;
        while (true)
        {
            var changes = await store.ListChangesAsync(dataset, state, after, ListedAtOnce, cancellationToken).ConfigureAwait(false);
            foreach (var change in changes)
            {
                yield return change;
            }

            if (changes.Count < ListedAtOnce)
            {
                yield break;
            }

            after = changes[^1].Id;
        }
    }

    public async Task<ChangeRows> ReadRowsAsync(Dataset dataset, long change, CancellationToken cancellationToken)
    {
        if (parts.Local is not IChangeStore store || await IsEmptyAsync(store, dataset, cancellationToken).ConfigureAwait(false))
        {
            throw new SyncStoreException(SyncErrorKind.StoreFailed, $"Dataset '{dataset.Name}' has no local change {change}: it was settled or discarded.", dataset.Name, isTransient: true);
        }

        await store.PrepareAsync(dataset, cancellationToken).ConfigureAwait(false);
        return await store.ReadRowsAsync(dataset, change, cancellationToken).ConfigureAwait(false);
    }

    public async IAsyncEnumerable<ParkedRow> ReadParkedAsync(Dataset dataset, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var after = 0L;
        while (true)
        {
            var rows = await parts.Local.ListParkedAsync(dataset, after, ListedAtOnce, cancellationToken).ConfigureAwait(false);
            foreach (var row in rows)
            {
                yield return row;
            }

            if (rows.Count < ListedAtOnce)
            {
                yield break;
            }

            after = rows[^1].Id;
        }
    }

    public Task<int> RetryAsync(Dataset dataset, IReadOnlyCollection<long>? changes, CancellationToken cancellationToken) =>
        UnderLeaseAsync(dataset, store => store.RetryChangesAsync(dataset, changes, cancellationToken), cancellationToken);

    public Task<int> DiscardAsync(Dataset dataset, IReadOnlyCollection<long>? changes, CancellationToken cancellationToken) =>
        UnderLeaseAsync(dataset, store => store.DiscardChangesAsync(dataset, changes, cancellationToken), cancellationToken);

    // To look is not to prepare: an app asks before its own migrations have made the tables.
    private static async ValueTask<bool> IsEmptyAsync(IChangeStore store, Dataset dataset, CancellationToken cancellationToken) =>
        await store.CountChangesAsync(dataset, cancellationToken).ConfigureAwait(false) is (0, 0);

    private async Task<int> UnderLeaseAsync(Dataset dataset, Func<IChangeStore, ValueTask<int>> work, CancellationToken cancellationToken)
    {
        if (parts.Local is not IChangeStore store || await IsEmptyAsync(store, dataset, cancellationToken).ConfigureAwait(false))
        {
            return 0;
        }

        var lease = await DatasetLease.AcquireAsync(parts.Checkpoints, dataset, parts.Seams, TimeSpan.Zero, cancellationToken)
            .ConfigureAwait(false);
        try
        {
            await store.PrepareAsync(dataset, cancellationToken).ConfigureAwait(false);
            return await work(store).ConfigureAwait(false);
        }
        finally
        {
            await lease.ReleaseAsync().ConfigureAwait(false);
        }
    }
}
