using Agent.Sync.Sqlite.Applying;
using Agent.Sync.Sqlite.Bookkeeping;
using Agent.Sync.Sqlite.Outbox;
using Agent.Sync.Sqlite.Schema;
using Agent.Sync.Stores;

namespace Agent.Sync.Sqlite;

/// <content>What a run would do: the real thing, in a transaction that is taken back.</content>
public sealed partial class SqliteStore
{
    private static readonly ApplyPreview OfNewFile = new(new LocalState(Guid.Empty, HasRows: false), default, LocalRows: 0, Contested: 0);

    /// <inheritdoc/>
    /// <remarks>Holds the write lock as an apply does. A file that is not there, or that was not synced yet, is not made: it has no rows.</remarks>
    public ValueTask<ApplyPreview?> PreviewAsync(ApplyBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        foreach (var page in batch.Pages)
        {
            RequireColumns(page, batch.Dataset, nameof(batch));
        }

        return _connection.Look<ApplyPreview?>(batch.Dataset.Name, Preview, OfNewFile, cancellationToken);

        ApplyPreview Preview(StoreSession session) => session.Database.TakeBack(() =>
        {
            var (database, table) = (session.Database, batch.Dataset.LocalTable);
            var state = batch.AreTombstones
                ? new LocalState(BookkeepingSchema.ReadStoreId(database), LocalTable.HasRows(database, table))
                : PrepareNow(session, batch.Dataset);
            var changes = OutboxChanges.Read(database, batch.Dataset);
            var isRemovable = changes.Any ? $" WHERE {new OutboxSwap(database, batch.Dataset, changes).IsRemovable(reconciliation: null)}" : string.Empty;
            var rows = database.QueryInt64($"SELECT count(*) FROM {Names.Quote(table)}{isRemovable}") ?? 0;

            // With care: a refused row would end the transaction otherwise.
            var result = batch.Pages.Count == 0
                ? default
                : ApplyGuard.Run(database, table, () => ApplyPages(session, session.PlanFor(batch.Dataset), batch, isCareful: true, cancellationToken));
            return new ApplyPreview(state, result, rows, OutboxChanges.CountContested(database, batch.Dataset));
        });
    }
}
