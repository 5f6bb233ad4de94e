namespace Agent.Sync;

/// <summary>The session is missing, refused, another user's, or not allowed to do this.</summary>
public sealed class SyncAuthException : SyncException
{
    internal SyncAuthException(SyncErrorKind kind, string message, string? dataset = null, string? code = null, Exception? innerException = null)
        : base(kind, message, dataset, code, isTransient: false, innerException)
    {
    }
}
