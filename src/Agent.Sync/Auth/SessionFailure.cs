using Agent.Sync.Files;

namespace Agent.Sync.Auth;

/// <summary>The failures of the file that keeps a session. None names a path or a token.</summary>
internal sealed class SessionFailure : FileFailures
{
    public static SessionFailure OfFile { get; } = new();

    public override SyncStoreException Failed(string reason, bool isTransient = false, Exception? cause = null) =>
        new(SyncErrorKind.StoreFailed, $"The session's StateFile failed: {reason}", isTransient: isTransient, innerException: cause);

    public override SyncStoreException Refused(string reason, Exception? cause = null) =>
        new(SyncErrorKind.CheckpointRefused, $"The session's StateFile was refused: {reason}.", innerException: cause);
}
