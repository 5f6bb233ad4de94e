namespace Agent.Sync;

/// <summary>The request failed in transit, or the server could not serve it, and the permitted retries did not help.</summary>
public sealed class SyncTransportException : SyncException
{
    /// <summary>Initializes a new instance for a source of tokens of your own that could not reach its server.</summary>
    /// <param name="kind">What went wrong, such as <see cref="SyncErrorKind.Unreachable"/>.</param>
    /// <param name="message">What to do next; never a token.</param>
    /// <param name="isTransient">Whether the same call may succeed later.</param>
    public SyncTransportException(SyncErrorKind kind, string message, bool isTransient)
        : this(kind, message, dataset: null, code: null, isTransient)
    {
    }

    internal SyncTransportException(SyncErrorKind kind, string message, string? dataset, string? code, bool isTransient, Exception? innerException = null)
        : base(kind, message, dataset, code, isTransient, innerException)
    {
    }

    /// <summary>Gets a value indicating whether the server was reached but did not answer in time.</summary>
    internal bool IsUnanswered { get; init; }
}
