namespace Agent.Sync.Stores;

/// <summary>Keeps checkpoints and leases. Safe for concurrent use, also by several processes where the medium allows it.</summary>
/// <remarks>
/// A store that is also the <see cref="ILocalStore"/> writes a checkpoint in the same transaction as the rows; the
/// engine then calls <see cref="WriteAsync"/> only where no rows go with it. Whether a store is right is checked by the
/// conformance suite in Agent.Sync.Testing. Failures are <see cref="SyncStoreException"/>.
/// </remarks>
public interface ICheckpointStore
{
    /// <summary>Reads a slot.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What the last complete write left; null when the slot is empty.</returns>
    /// <exception cref="SyncStoreException"><see cref="SyncErrorKind.CheckpointRefused"/>: what is there is torn or was changed.</exception>
    ValueTask<StoredCheckpoint?> ReadAsync(CheckpointId slot, CancellationToken cancellationToken);

    /// <summary>Replaces a slot's content if its revision and the fence are still the expected ones.</summary>
    /// <param name="write">What to write.</param>
    /// <param name="cancellationToken">A cancelled write leaves either the old or the new checkpoint, never a mixture.</param>
    /// <returns>A task that ends when the write is durable.</returns>
    /// <exception cref="SyncStoreException"><see cref="SyncErrorKind.CheckpointConflict"/> on another revision, <see cref="SyncErrorKind.LeaseLost"/> on a stale fence.</exception>
    ValueTask WriteAsync(CheckpointWrite write, CancellationToken cancellationToken);

    /// <summary>Empties a slot. What was there is kept aside for inspection where the medium allows it, readable or not.</summary>
    /// <param name="slot">The slot; it may be empty or damaged.</param>
    /// <param name="fence">The caller's fence.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when the slot is durably empty.</returns>
    /// <exception cref="SyncStoreException"><see cref="SyncErrorKind.LeaseLost"/> on a stale fence.</exception>
    ValueTask ClearAsync(CheckpointId slot, Fence fence, CancellationToken cancellationToken);

    /// <summary>Returns the random key that seals checkpoints when the app configured none, and makes it on first use.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>32 bytes, the same for the life of the store.</returns>
    ValueTask<ReadOnlyMemory<byte>> GetOrCreateKeyAsync(CancellationToken cancellationToken);

    /// <summary>Takes a slot's lease if it is free, lapsed, or its holder is gone. The same owner gets its own lease again with the same fence.</summary>
    /// <param name="request">Who asks.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The grant, or who holds the lease.</returns>
    ValueTask<LeaseAnswer> AcquireLeaseAsync(LeaseRequest request, CancellationToken cancellationToken);

    /// <summary>Prolongs a lease, also one that lapsed but that nobody else took.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="fence">The holder's fence.</param>
    /// <param name="expiresAt">When it shall lapse.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>False when the lease went to somebody else.</returns>
    ValueTask<bool> RenewLeaseAsync(CheckpointId slot, Fence fence, DateTimeOffset expiresAt, CancellationToken cancellationToken);

    /// <summary>Gives a lease back; does nothing when it went to somebody else. The fence's number is not used again.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="fence">The holder's fence.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when the lease is free.</returns>
    ValueTask ReleaseLeaseAsync(CheckpointId slot, Fence fence, CancellationToken cancellationToken);
}
