namespace Agent.Sync.Stores;

/// <summary>A local store whose rows the app edits. It records each edit as a change in its outbox and hands changes out to be pushed.</summary>
/// <remarks>
/// <para>
/// Edits of one key are merged while they wait. <see cref="TakeAsync"/> freezes a change: its content and operation id do not change,
/// across restarts too, until it is settled. Edits made meanwhile wait behind it. A pulled row never overwrites a row with a
/// change: for a quarantined change it becomes the new base, for any other it is kept beside the change.
/// </para>
/// <para>The engine calls one method at a time per dataset. Failures are <see cref="SyncStoreException"/>. The conformance suite in Agent.Sync.Testing checks a store.</para>
/// </remarks>
public interface IChangeStore : ILocalStore
{
    /// <summary>Counts a dataset's changes. Every run calls it: make it cheap when there are none.</summary>
    /// <param name="dataset">The dataset; one that was never prepared has none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The counts.</returns>
    ValueTask<ChangeCounts> CountChangesAsync(Dataset dataset, CancellationToken cancellationToken);

    /// <summary>Freezes the next changes in queue order and hands them out. Changes still in flight from an interrupted run are handed out as they were.</summary>
    /// <param name="request">Which changes, and how many.</param>
    /// <param name="cancellationToken">A cancelled call has frozen all the changes it would have handed out, or none.</param>
    /// <returns>The changes, never two of one key; empty when there are none above <see cref="TakeRequest.After"/>. The caller disposes it.</returns>
    /// <remarks>An edit that another edit undid (the row is back to its base) is dropped and not handed out.</remarks>
    ValueTask<ChangeBatch> TakeAsync(TakeRequest request, CancellationToken cancellationToken);

    /// <summary>Writes down the outcomes of changes that were taken: all of them or none.</summary>
    /// <param name="batch">The settlements. Their pages are the store's to read until the task ends, and the engine's to dispose.</param>
    /// <param name="cancellationToken">A cancelled call has settled the whole batch or nothing of it.</param>
    /// <returns>A task that ends when it is durable.</returns>
    /// <remarks>Settling a change that is not in flight under the settlement's operation id does nothing: it is already settled, and may have been taken again since.</remarks>
    ValueTask SettleAsync(SettlementBatch batch, CancellationToken cancellationToken);

    /// <summary>Reads the rows of a change, for a conflict's resolver or for the app.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="change">The change's number.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The row before and after the edit.</returns>
    /// <exception cref="SyncStoreException">There is no such change; transient, because it was settled or discarded meanwhile.</exception>
    ValueTask<ChangeRows> ReadRowsAsync(Dataset dataset, long change, CancellationToken cancellationToken);

    /// <summary>Lists changes in queue order.</summary>
    /// <param name="dataset">The dataset, prepared.</param>
    /// <param name="state">Only changes in this state; null for all.</param>
    /// <param name="after">The number of the change after which to continue; 0 from the start.</param>
    /// <param name="limit">The most changes to return, 1 or more.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The changes.</returns>
    ValueTask<IReadOnlyList<LocalChange>> ListChangesAsync(Dataset dataset, ChangeState? state, long after, int limit, CancellationToken cancellationToken);

    /// <summary>Puts quarantined changes back into the outbox, with new operation ids.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="changes">Their numbers; null for every quarantined one. Others are ignored.</param>
    /// <param name="cancellationToken">A cancelled call has done everything or nothing.</param>
    /// <returns>How many wait again.</returns>
    ValueTask<int> RetryChangesAsync(Dataset dataset, IReadOnlyCollection<long>? changes, CancellationToken cancellationToken);

    /// <summary>Discards changes. The local row becomes the server's last known row again, or is removed when there is none.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="changes">Their numbers; null for every quarantined one. A change in flight is not discarded.</param>
    /// <param name="cancellationToken">A cancelled call has done everything or nothing.</param>
    /// <returns>How many were discarded.</returns>
    ValueTask<int> DiscardChangesAsync(Dataset dataset, IReadOnlyCollection<long>? changes, CancellationToken cancellationToken);
}
