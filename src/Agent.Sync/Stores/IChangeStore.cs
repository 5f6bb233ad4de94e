namespace Agent.Sync.Stores;

/// <summary>A local store whose rows the app edits: it records each edit as a change in its outbox and hands changes out to be pushed.</summary>
/// <remarks>
/// <para>
/// Edits of one key are merged while they wait. <see cref="TakeAsync"/> freezes a change: its content and operation id stay as
/// they are, across restarts, until it is settled; edits made meanwhile wait behind it. A pulled row never overwrites a row
/// with a change: for a quarantined one it becomes the new base, for any other the server's newer row is kept beside it.
/// </para>
/// <para>The engine calls one method at a time per dataset. Failures are <see cref="SyncStoreException"/>. Whether a store is right is checked by the conformance suite in Agent.Sync.Testing.</para>
/// </remarks>
public interface IChangeStore : ILocalStore
{
    /// <summary>Counts a dataset's changes. Cheap when there are none: every run asks.</summary>
    /// <param name="dataset">The dataset; one that was never prepared has none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The counts.</returns>
    ValueTask<ChangeCounts> CountChangesAsync(Dataset dataset, CancellationToken cancellationToken);

    /// <summary>Freezes the next changes in queue order and hands them out. Changes still in flight from a run that was interrupted come as they were.</summary>
    /// <param name="request">Which changes, and how many.</param>
    /// <param name="cancellationToken">A cancelled call has frozen everything it would have handed out, or nothing.</param>
    /// <returns>The changes, never two of one key; empty when there are none above <see cref="TakeRequest.After"/>. The caller disposes it.</returns>
    /// <remarks>An edit that was taken back by another one (the row is as it was) is dropped here and not handed out.</remarks>
    ValueTask<ChangeBatch> TakeAsync(TakeRequest request, CancellationToken cancellationToken);

    /// <summary>Writes down what became of changes that were taken: all of it or nothing.</summary>
    /// <param name="batch">The settlements. Their pages are the store's to read until the task ends, and the engine's to dispose.</param>
    /// <param name="cancellationToken">A cancelled call leaves everything or nothing of the batch.</param>
    /// <returns>A task that ends when it is durable.</returns>
    /// <remarks>Settling a change that is not in flight under the settlement's operation id does nothing: it is settled already, and may have been taken anew since.</remarks>
    ValueTask SettleAsync(SettlementBatch batch, CancellationToken cancellationToken);

    /// <summary>Reads what a conflict's resolver gets to see of a change in flight.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="change">The change's number.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The row before and after the edit.</returns>
    ValueTask<ChangeImages> ReadImagesAsync(Dataset dataset, long change, CancellationToken cancellationToken);

    /// <summary>Lists changes in queue order.</summary>
    /// <param name="dataset">The dataset, prepared.</param>
    /// <param name="state">Only these; null for all.</param>
    /// <param name="after">The number of the change after which to go on; 0 from the start.</param>
    /// <param name="limit">At most so many, 1 or more.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The changes.</returns>
    ValueTask<IReadOnlyList<LocalChange>> ListChangesAsync(Dataset dataset, ChangeState? state, long after, int limit, CancellationToken cancellationToken);

    /// <summary>Puts quarantined changes back into the outbox, with new operation ids.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="changes">Their numbers; null for every quarantined one. Others are ignored.</param>
    /// <param name="cancellationToken">A cancelled call has done everything or nothing.</param>
    /// <returns>How many wait again.</returns>
    ValueTask<int> RetryChangesAsync(Dataset dataset, IReadOnlyCollection<long>? changes, CancellationToken cancellationToken);

    /// <summary>Gives changes up: the local row becomes the server's last known row again, or is removed when there is none.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="changes">Their numbers; null for every quarantined one. A change in flight is not discarded.</param>
    /// <param name="cancellationToken">A cancelled call has done everything or nothing.</param>
    /// <returns>How many were discarded.</returns>
    ValueTask<int> DiscardChangesAsync(Dataset dataset, IReadOnlyCollection<long>? changes, CancellationToken cancellationToken);
}
