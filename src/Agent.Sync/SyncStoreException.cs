namespace Agent.Sync;

/// <summary>A local store or a checkpoint store failed. Everything committed before stays.</summary>
public sealed class SyncStoreException : SyncException
{
    /// <summary>Initializes a new instance for a store of your own.</summary>
    /// <param name="kind">What went wrong.</param>
    /// <param name="message">What to do next; never a row's value.</param>
    /// <param name="dataset">The dataset's name, or null.</param>
    /// <param name="isTransient">Whether the same call may succeed later.</param>
    /// <param name="innerException">The cause, or null. Its message must not hold a row's value either.</param>
    public SyncStoreException(SyncErrorKind kind, string message, string? dataset = null, bool isTransient = false, Exception? innerException = null)
        : base(kind, message, dataset, code: null, isTransient, innerException)
    {
    }
}
