namespace Agent.Sync.Stores;

/// <summary>Keeps checkpoints and leases. Safe for concurrent use, also by several processes where the medium allows it.</summary>
/// <remarks>
/// A store that is also the <see cref="ILocalStore"/> writes a checkpoint in the same transaction as the rows; the
/// engine then calls <see cref="WriteAsync"/> only where no rows go with it. The conformance suite
/// in Agent.Sync.Testing checks a store. Failures are <see cref="SyncStoreException"/>.
/// </remarks>
public interface ICheckpointStore
{
    /// <summary>Reads a checkpoint.</summary>
    /// <param name="checkpoint">The checkpoint's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The content of the last complete write; null when there is none.</returns>
    /// <exception cref="SyncStoreException"><see cref="SyncErrorKind.CheckpointRefused"/>: the content is torn or was changed.</exception>
    ValueTask<StoredCheckpoint?> ReadAsync(CheckpointId checkpoint, CancellationToken cancellationToken);

    /// <summary>Replaces a checkpoint if its revision and the fence are still the expected ones.</summary>
    /// <param name="write">What to write.</param>
    /// <param name="cancellationToken">A cancelled write leaves either the old or the new checkpoint, never a mixture.</param>
    /// <returns>A task that ends when the write is durable.</returns>
    /// <exception cref="SyncStoreException"><see cref="SyncErrorKind.CheckpointConflict"/> on another revision, <see cref="SyncErrorKind.LeaseLost"/> on a stale fence.</exception>
    ValueTask WriteAsync(CheckpointWrite write, CancellationToken cancellationToken);

    /// <summary>Removes a checkpoint. Its content, readable or not, is set aside for inspection where the medium allows it.</summary>
    /// <param name="checkpoint">The checkpoint's id. The checkpoint may be missing or damaged.</param>
    /// <param name="fence">The caller's fence.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when the checkpoint is durably removed.</returns>
    /// <exception cref="SyncStoreException"><see cref="SyncErrorKind.LeaseLost"/> on a stale fence.</exception>
    ValueTask ClearAsync(CheckpointId checkpoint, Fence fence, CancellationToken cancellationToken);

    /// <summary>Returns the random key that seals checkpoints when the app configured none. The first call creates it.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>32 bytes, the same for the life of the store.</returns>
    ValueTask<ReadOnlyMemory<byte>> GetOrCreateKeyAsync(CancellationToken cancellationToken);

    /// <summary>Takes a checkpoint's lease if it is free or expired, or if its holder is gone. The same owner gets its own lease again with the same fence.</summary>
    /// <param name="request">Which lease, and who requests it.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The grant, or the present holder.</returns>
    ValueTask<LeaseAnswer> AcquireLeaseAsync(LeaseRequest request, CancellationToken cancellationToken);

    /// <summary>Extends a lease, even an expired one if nobody else took it.</summary>
    /// <param name="checkpoint">The checkpoint's id.</param>
    /// <param name="fence">The holder's fence.</param>
    /// <param name="expiresAt">When it expires from now on.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>False when another owner has taken the lease.</returns>
    ValueTask<bool> RenewLeaseAsync(CheckpointId checkpoint, Fence fence, DateTimeOffset expiresAt, CancellationToken cancellationToken);

    /// <summary>Releases a lease. Does nothing when another owner has taken it. The fence's number is not used again.</summary>
    /// <param name="checkpoint">The checkpoint's id.</param>
    /// <param name="fence">The holder's fence.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when the lease is free.</returns>
    ValueTask ReleaseLeaseAsync(CheckpointId checkpoint, Fence fence, CancellationToken cancellationToken);
}
