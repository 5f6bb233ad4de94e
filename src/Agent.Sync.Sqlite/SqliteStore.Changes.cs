using Agent.Sync.Sqlite.Bookkeeping;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Outbox;
using Agent.Sync.Stores;

namespace Agent.Sync.Sqlite;

public sealed partial class SqliteStore
{
    /// <inheritdoc/>
    public ValueTask<ChangeCounts> CountChangesAsync(Dataset dataset, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        return _connection.Look(dataset.Name, Count, nothing: default, cancellationToken);

        ChangeCounts Count(StoreSession session) =>
            HasOutbox(session.Database, dataset) ? new ChangeDesk(session.Database, session.PlanFor(dataset)).Count() : default;
    }

    /// <inheritdoc/>
    public ValueTask<ChangeBatch> TakeAsync(TakeRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfLessThan(request.MaxChanges, 1, nameof(request));
        return _connection.Run(request.Dataset.Name, Take, cancellationToken);

        ChangeBatch Take(StoreSession session)
        {
            if (!OutboxChanges.Read(session.Database, request.Dataset).Any)
            {
                using var none = new ChangeBatchBuilder();
                return none.Build();
            }

            return session.WriteRows(request.Dataset, () =>
            {
                RequireTriggers(session, request.Dataset);
                if (request.Lease is { } lease)
                {
                    session.Leases.RequireNewest(CheckpointId.For(request.Dataset), lease);
                }

                using var taker = new ChangeTaker(session.Database, session.PlanFor(request.Dataset), request, session.Options.UuidFormat);
                return taker.Take(cancellationToken);
            });
        }
    }

    /// <inheritdoc/>
    public async ValueTask SettleAsync(SettlementBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        foreach (var settlement in batch.Settlements)
        {
            RequireColumns(settlement.Server, batch.Dataset, nameof(batch));
            RequireColumns(settlement.Merged, batch.Dataset, nameof(batch));
        }

        await _connection.Run(batch.Dataset.Name, Settle, cancellationToken).ConfigureAwait(false);

        bool Settle(StoreSession session) => session.WriteRows(batch.Dataset, isCareful =>
        {
            RequireTriggers(session, batch.Dataset);
            if (batch.Lease is { } lease)
            {
                session.Leases.RequireNewest(CheckpointId.For(batch.Dataset), lease);
            }

            if (HasOutbox(session.Database, batch.Dataset))
            {
                using var settler = new ChangeSettler(session.Database, session.PlanFor(batch.Dataset), batch, isCareful);
                settler.Settle(cancellationToken);
            }

            return true;
        });
    }

    /// <inheritdoc/>
    public ValueTask<ChangeRows> ReadRowsAsync(Dataset dataset, long change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        return _connection.Run(dataset.Name, session => new ChangeDesk(session.Database, session.PlanFor(dataset)).ReadImages(change), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<LocalChange>> ListChangesAsync(Dataset dataset, ChangeState? state, long after, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return _connection.Look(dataset.Name, List, nothing: [], cancellationToken);

        IReadOnlyList<LocalChange> List(StoreSession session) =>
            HasOutbox(session.Database, dataset) ? new ChangeDesk(session.Database, session.PlanFor(dataset)).List(state, after, limit) : [];
    }

    /// <inheritdoc/>
    public ValueTask<int> RetryChangesAsync(Dataset dataset, IReadOnlyCollection<long>? changes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        return Change(dataset, desk => desk.Retry(changes), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<int> DiscardChangesAsync(Dataset dataset, IReadOnlyCollection<long>? changes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        return Change(dataset, desk => desk.Discard(changes), cancellationToken);
    }

    private static bool HasOutbox(SqliteDatabase database, Dataset dataset) => OutboxRegistry.Read(database, dataset.LocalTable) is not null;

    private static void RequireColumns(Page? page, Dataset dataset, string parameter)
    {
        if (page is not null && !ReferenceEquals(page.Dataset, dataset) && !page.Dataset.Columns.SequenceEqual(dataset.Columns))
        {
            throw new ArgumentException("A page of the batch has other columns than its dataset.", parameter);
        }
    }

    private ValueTask<int> Change(Dataset dataset, Func<ChangeDesk, int> work, CancellationToken cancellationToken) => _connection.Run(
        dataset.Name,
        session => session.WriteRows(dataset, () => HasOutbox(session.Database, dataset) ? work(new ChangeDesk(session.Database, session.PlanFor(dataset))) : 0),
        cancellationToken);
}
