namespace Agent.Sync;

/// <summary>The request failed in transit, or the server could not serve it, and the permitted retries did not help.</summary>
public sealed class SyncTransportException : SyncException
{
    internal SyncTransportException(SyncErrorKind kind, string message, string? dataset, string? code, bool isTransient, Exception? innerException = null)
        : base(kind, message, dataset, code, isTransient, innerException)
    {
    }

    /// <summary>Gets a value indicating whether the server was reached but did not answer in time.</summary>
    internal bool IsUnanswered { get; init; }
}
