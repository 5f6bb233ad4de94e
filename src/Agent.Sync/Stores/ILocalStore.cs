namespace Agent.Sync.Stores;

/// <summary>Keeps a dataset's rows. The engine calls one method at a time per dataset.</summary>
/// <remarks>
/// The conformance suite in Agent.Sync.Testing checks a store. Failures are
/// <see cref="SyncStoreException"/> or <see cref="SyncSchemaException"/>. A store may implement
/// <see cref="ICheckpointStore"/> too: then rows and checkpoint are written in one transaction.
/// </remarks>
public interface ILocalStore
{
    /// <summary>Creates the local table, adds new columns, or checks that the existing table fits.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="cancellationToken">Ends the call. The table is then unchanged or ready.</param>
    /// <returns>The state of the store.</returns>
    /// <exception cref="SyncSchemaException">The existing table does not fit; nothing was changed.</exception>
    ValueTask<LocalState> PrepareAsync(Dataset dataset, CancellationToken cancellationToken);

    /// <summary>Applies pages, and their checkpoint if the store keeps it: all of it or nothing.</summary>
    /// <param name="batch">What to apply. The pages are the store's to read until the task ends, and the engine's to dispose.</param>
    /// <param name="cancellationToken">A cancelled call has applied the whole batch or nothing of it.</param>
    /// <returns>The counts.</returns>
    /// <remarks>
    /// With a version column a row is replaced only by a newer version, or by the same version with a later update timestamp, for a server that did not raise
    /// the version; such rows are counted as <see cref="ApplyResult.SameVersion"/>. Without one (<see cref="Dataset.VersionOrdinal"/> is null) the update
    /// timestamp shows that two versions differ, but not which is newer, because a transaction that began earlier may write last. The row read last then
    /// wins, and one with an equal update timestamp is unchanged. Applying a batch again changes nothing.
    /// A row that a constraint of the table refuses does not fail the batch. The store parks it durably with the batch, tries it again when it may fit,
    /// and forgets it when a newer version of it is stored or a complete resync did not bring it.
    /// </remarks>
    /// <exception cref="SyncStoreException">The store failed, or <see cref="SyncErrorKind.LeaseLost"/> / <see cref="SyncErrorKind.CheckpointConflict"/> if it keeps the checkpoint.</exception>
    ValueTask<ApplyResult> ApplyAsync(ApplyBatch batch, CancellationToken cancellationToken);

    /// <summary>Tells what <see cref="PrepareAsync"/> and then <see cref="ApplyAsync"/> would do, and changes nothing: no row, no table, no change, and nothing that the store keeps for itself.</summary>
    /// <param name="batch">What would be applied, without a checkpoint; without pages only the preparation is looked at. Tombstones are not prepared for. The pages are the store's to read until the task ends.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What would happen; null, the default, from a store that cannot tell. Then a dry run counts rows on the server alone, and the guard against mass deletes does not watch deltas.</returns>
    ValueTask<ApplyPreview?> PreviewAsync(ApplyBatch batch, CancellationToken cancellationToken) => ValueTask.FromResult<ApplyPreview?>(null);

    /// <summary>Ends a resync: removes the rows that no batch of the generation brought, unless the guard refuses.</summary>
    /// <param name="swap">Which generation, and the guard.</param>
    /// <param name="cancellationToken">A cancelled call has done the whole swap or nothing of it.</param>
    /// <returns>How many rows were removed, or would have been.</returns>
    ValueTask<SwapResult> SwapGenerationAsync(GenerationSwap swap, CancellationToken cancellationToken);

    /// <summary>Counts the server's rows that the local table refuses. Every run calls it: make it cheap when there are none.</summary>
    /// <param name="dataset">The dataset; one that was never prepared has none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The count; 0, the default, from a store that can hold any row.</returns>
    ValueTask<long> CountParkedAsync(Dataset dataset, CancellationToken cancellationToken) => ValueTask.FromResult(0L);

    /// <summary>Lists the server's rows that the local table refuses.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="after">The number of the entry after which to continue; 0 from the start.</param>
    /// <param name="limit">The most entries to return, 1 or more.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The entries in the order of their numbers; none, the default, from a store that can hold any row.</returns>
    ValueTask<IReadOnlyList<ParkedRow>> ListParkedAsync(Dataset dataset, long after, int limit, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<ParkedRow>>([]);

    /// <summary>Finds what there is of one key, for <see cref="ISyncEngine.ExplainAsync"/>. Makes and changes nothing.</summary>
    /// <param name="dataset">The dataset; one that was never prepared has nothing.</param>
    /// <param name="key">The key as a JSON object with the key's columns in key order, in the server's own text and without blanks, such as <c>{"id":"..."}</c>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What there is, also when that is nothing; null, the default, from a store that cannot tell.</returns>
    ValueTask<StoredRow?> FindRowAsync(Dataset dataset, string key, CancellationToken cancellationToken) => ValueTask.FromResult<StoredRow?>(null);

    /// <summary>Looks for what is wrong with the local tables, for <see cref="ISyncEngine.DiagnoseAsync"/>. Makes and changes nothing.</summary>
    /// <param name="datasets">The datasets to look at, prepared or not.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What was found, also what is in order; none, the default, from a store that has nothing to check. The texts have no values of rows.</returns>
    ValueTask<IReadOnlyList<Finding>> DiagnoseAsync(IReadOnlyList<Dataset> datasets, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<Finding>>([]);

    /// <summary>Reads the server's rows that the store holds, to compare them with the server. Only <see cref="ISyncEngine.VerifyAsync"/> needs it.</summary>
    /// <param name="request">Which columns, and which page.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>
    /// Rows in the states <see cref="KeptRowState.Stored"/>, <see cref="KeptRowState.Changed"/> and <see cref="KeptRowState.Parked"/> of which the server's row is known. No key comes
    /// twice, also when the app edits rows between two pages: it is better that such a row does not come at all.
    /// </returns>
    /// <exception cref="SyncStoreException">The store failed; or, by default, it cannot be compared.</exception>
    ValueTask<KeptRows> ReadKeptRowsAsync(KeptRowsRequest request, CancellationToken cancellationToken) => throw Unverifiable(nameof(ReadKeptRowsAsync), request?.Dataset);

    /// <summary>Finds what the store holds under some keys. Only <see cref="ISyncEngine.VerifyAsync"/> needs it.</summary>
    /// <param name="dataset">The dataset, prepared.</param>
    /// <param name="columns">The positions in <see cref="Dataset.Columns"/> of the columns that are compared.</param>
    /// <param name="keys">A page whose rows have the columns of the key. It is the store's to read until the task ends, and the engine's to dispose.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>One entry for each row of the page, in its order.</returns>
    /// <exception cref="SyncStoreException">The store failed; or, by default, it cannot be compared.</exception>
    ValueTask<IReadOnlyList<KeptRow>> FindKeptRowsAsync(Dataset dataset, IReadOnlyList<int> columns, Page keys, CancellationToken cancellationToken) =>
        throw Unverifiable(nameof(FindKeptRowsAsync), dataset);

    /// <summary>Removes local rows that have no local edit. A row with one stays. Only <see cref="ISyncEngine.VerifyAsync"/> needs it.</summary>
    /// <param name="removal">Which rows.</param>
    /// <param name="cancellationToken">A cancelled call has removed all of them, or none.</param>
    /// <returns>How many were removed.</returns>
    /// <exception cref="SyncStoreException">The store failed, or <see cref="SyncErrorKind.LeaseLost"/> / <see cref="SyncErrorKind.CheckpointConflict"/> if it keeps the checkpoint; or, by default, it cannot be repaired.</exception>
    ValueTask<long> RemoveRowsAsync(RowRemoval removal, CancellationToken cancellationToken) => throw Unverifiable(nameof(RemoveRowsAsync), removal?.Dataset);

    private SyncStoreException Unverifiable(string member, Dataset? dataset) => new(
        SyncErrorKind.StoreFailed,
        $"The local store {GetType().Name} cannot be verified: it does not implement {nameof(ILocalStore)}.{member}. Implement {nameof(ReadKeptRowsAsync)}, {nameof(FindKeptRowsAsync)} and {nameof(RemoveRowsAsync)}; nothing else needs them.",
        dataset?.Name);
}
