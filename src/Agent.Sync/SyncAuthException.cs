namespace Agent.Sync;

/// <summary>The session is missing, was refused, belongs to another user, or lacks a permission.</summary>
public sealed class SyncAuthException : SyncException
{
    /// <summary>Initializes a new instance for a source of tokens of your own: nobody is signed in, or the session is over. Its kind is <see cref="SyncErrorKind.AuthRequired"/>.</summary>
    /// <param name="message">What to do next; never a token.</param>
    public SyncAuthException(string message)
        : this(SyncErrorKind.AuthRequired, message)
    {
    }

    internal SyncAuthException(SyncErrorKind kind, string message, string? dataset = null, string? code = null, Exception? innerException = null)
        : base(kind, message, dataset, code, isTransient: false, innerException)
    {
    }
}
