namespace Agent.Sync;

/// <summary>The request failed on its way, or the server could not serve it, and the retries that are allowed did not help.</summary>
public sealed class SyncTransportException : SyncException
{
    internal SyncTransportException(SyncErrorKind kind, string message, string? dataset, string? code, bool isTransient, Exception? innerException = null)
        : base(kind, message, dataset, code, isTransient, innerException)
    {
    }

    /// <summary>Gets a value indicating whether the server was reached and its answer did not come in time.</summary>
    internal bool IsUnanswered { get; init; }
}
