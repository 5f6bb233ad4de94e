using Agent.Sync.Files;
using Agent.Sync.Stores;

namespace Agent.Sync.Checkpoints;

/// <summary>The typed failures of the checkpoint stores. None names a path or a value.</summary>
internal static class CheckpointFailure
{
    public const int MaxContentBytes = 64 * 1024;

    /// <summary>Gets the same failures, for what touches the disk.</summary>
    public static FileFailures OfFiles { get; } = new Files();

    public static void RequireSize(CheckpointWrite write)
    {
        ArgumentNullException.ThrowIfNull(write);
        if (write.Content.Length > MaxContentBytes)
        {
            throw new ArgumentException("A checkpoint's content is at most 64 KiB.", nameof(write));
        }
    }

    public static void RequireRevision(long found, long expected)
    {
        if (found != expected)
        {
            throw new SyncStoreException(
                SyncErrorKind.CheckpointConflict,
                $"Another writer moved the checkpoint: revision {expected} was expected and {found} is there. Sync again; it starts from what is there.");
        }
    }

    public static SyncStoreException LeaseLost() => new(
        SyncErrorKind.LeaseLost,
        "The lease went to another holder, so nothing was written. Sync again when the other holder is done.",
        isTransient: true);

    public static SyncStoreException Refused(string reason, Exception? cause = null) => new(
        SyncErrorKind.CheckpointRefused,
        $"The checkpoint was refused: {reason}. Reset the dataset and sync again; its rows stay.",
        innerException: cause);

    public static SyncStoreException TooNew() => new(
        SyncErrorKind.CheckpointTooNew,
        "The checkpoint was written by a newer version of Agent.Sync. Update the package, or reset the dataset.");

    public static SyncStoreException Failed(string reason, bool isTransient = false, Exception? cause = null) => new(
        SyncErrorKind.StoreFailed, $"The checkpoint store failed: {reason}", isTransient: isTransient, innerException: cause);

    private sealed class Files : FileFailures
    {
        public override SyncStoreException Failed(string reason, bool isTransient = false, Exception? cause = null) => CheckpointFailure.Failed(reason, isTransient, cause);

        public override SyncStoreException Refused(string reason, Exception? cause = null) => CheckpointFailure.Refused(reason, cause);
    }
}
