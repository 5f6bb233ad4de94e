namespace BackendHost;

/// <summary>The local backend could not start, ended, or refused a command. The message says what to do.</summary>
public sealed class LocalBackendException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="code">The SQLSTATE when the database refused a statement, else null.</param>
    /// <param name="innerException">The cause, or null.</param>
    public LocalBackendException(string message, string? code = null, Exception? innerException = null)
        : base(message, innerException)
    {
        Code = code;
    }

    /// <summary>Gets the SQLSTATE when the database refused a statement, else null.</summary>
    public string? Code { get; }
}
