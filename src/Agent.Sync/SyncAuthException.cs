namespace Agent.Sync;

/// <summary>The session is missing, was refused, belongs to another user, or lacks a permission.</summary>
public sealed class SyncAuthException : SyncException
{
    internal SyncAuthException(SyncErrorKind kind, string message, string? dataset = null, string? code = null, Exception? innerException = null)
        : base(kind, message, dataset, code, isTransient: false, innerException)
    {
    }
}
