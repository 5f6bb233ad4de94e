using Agent.Sync.Sqlite.Applying;
using Agent.Sync.Sqlite.Rows;
using Agent.Sync.Stores;

namespace Agent.Sync.Sqlite;

public sealed partial class SqliteStore
{
    /// <inheritdoc/>
    public ValueTask<KeptRows> ReadKeptRowsAsync(KeptRowsRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfLessThan(request.Limit, 1, nameof(request));
        return _connection.Run(request.Dataset.Name, Read, cancellationToken);

        KeptRows Read(StoreSession session)
        {
            using var reader = new KeptRowReader(session.Database, request);
            return reader.Read();
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<KeptRow>> FindKeptRowsAsync(Dataset dataset, IReadOnlyList<int> columns, Page keys, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(keys);
        return _connection.Run(dataset.Name, Find, cancellationToken);

        IReadOnlyList<KeptRow> Find(StoreSession session)
        {
            using var finder = new KeptRowFinder(session.Database, dataset, new DatasetPlan(keys.Dataset, session.Options.UuidFormat), columns);
            return finder.Find(keys);
        }
    }

    /// <inheritdoc/>
    public ValueTask<long> RemoveRowsAsync(RowRemoval removal, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(removal);
        return _connection.Run(removal.Dataset.Name, Remove, cancellationToken);

        long Remove(StoreSession session) => session.WriteRows(removal.Dataset, isCareful =>
        {
            RequireTriggers(session, removal.Dataset);
            if (removal.Checkpoint is not null)
            {
                session.Checkpoints.Write(removal.Checkpoint);
            }

            using var finder = new KeptRowFinder(session.Database, removal.Dataset, new DatasetPlan(removal.Keys.Dataset, session.Options.UuidFormat), []);
            return finder.Remove(removal.Keys, isCareful);
        });
    }
}
