namespace Agent.Sync.Stores;

/// <summary>Keeps a dataset's rows. The engine calls one method at a time per dataset.</summary>
/// <remarks>
/// Whether a store is right is checked by the conformance suite in Agent.Sync.Testing. Failures are
/// <see cref="SyncStoreException"/> or <see cref="SyncSchemaException"/>. A store may implement
/// <see cref="ICheckpointStore"/> too: then rows and checkpoint go in one transaction.
/// </remarks>
public interface ILocalStore
{
    /// <summary>Creates the local table, adds columns that are new, or checks that what is there fits.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="cancellationToken">Ends the call; the table is then as before or ready.</param>
    /// <returns>What the store holds.</returns>
    /// <exception cref="SyncSchemaException">A column is there with another type; nothing was changed.</exception>
    ValueTask<LocalState> PrepareAsync(Dataset dataset, CancellationToken cancellationToken);

    /// <summary>Applies pages, and their checkpoint where the store keeps it: all of it or nothing.</summary>
    /// <param name="batch">What to apply. The pages are the store's to read until the task ends, and the engine's to dispose.</param>
    /// <param name="cancellationToken">A cancelled apply leaves everything or nothing of the batch.</param>
    /// <returns>What the rows did.</returns>
    /// <remarks>
    /// With a version column a row is replaced by a newer version only, or by one of the same version whose cursor value is later, for a server that did not
    /// raise the version; such rows are counted as <see cref="ApplyResult.SameVersion"/>. Without one (<see cref="Dataset.VersionOrdinal"/> is null) the cursor column
    /// tells versions apart but not which is newer, since a transaction that began earlier may write last: then the row read last
    /// wins, and one with an equal cursor value is unchanged. Applying a batch again changes nothing.
    /// A row that the table refuses for reasons of its own does not fail the batch: the store parks it durably with the batch, tries it again
    /// when it may fit, and forgets it when a newer version of it is stored or a complete resync did not bring it.
    /// </remarks>
    /// <exception cref="SyncStoreException">The store failed, or <see cref="SyncErrorKind.LeaseLost"/> / <see cref="SyncErrorKind.CheckpointConflict"/> where it keeps the checkpoint.</exception>
    ValueTask<ApplyResult> ApplyAsync(ApplyBatch batch, CancellationToken cancellationToken);

    /// <summary>Ends a resync: removes the rows that no batch of the generation brought, unless the guard refuses.</summary>
    /// <param name="swap">Which generation, and the guard.</param>
    /// <param name="cancellationToken">A cancelled swap leaves everything or nothing of it.</param>
    /// <returns>What was removed, or would have been.</returns>
    ValueTask<SwapResult> SwapGenerationAsync(GenerationSwap swap, CancellationToken cancellationToken);

    /// <summary>Counts the server's rows that the local table refuses. Cheap when there are none: every run asks.</summary>
    /// <param name="dataset">The dataset; one that was never prepared has none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The count; 0, the default, from a store that can hold any row.</returns>
    ValueTask<long> CountParkedAsync(Dataset dataset, CancellationToken cancellationToken) => ValueTask.FromResult(0L);

    /// <summary>Lists the server's rows that the local table refuses.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="after">The number of the entry after which to go on; 0 from the start.</param>
    /// <param name="limit">At most so many, 1 or more.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The entries in the order of their numbers; none, the default, from a store that can hold any row.</returns>
    ValueTask<IReadOnlyList<ParkedRow>> ListParkedAsync(Dataset dataset, long after, int limit, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<ParkedRow>>([]);
}
