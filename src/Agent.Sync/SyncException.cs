namespace Agent.Sync;

/// <summary>The base of every failure of a sync. Messages say what to do next and never hold a row's value, a token or a cursor.</summary>
public abstract class SyncException : Exception
{
    /// <summary>The word for a missing code in logs.</summary>
    internal const string NoCode = "none";

    private protected SyncException(SyncErrorKind kind, string message, string? dataset, string? code, bool isTransient, Exception? innerException)
        : base(message, innerException)
    {
        Kind = kind;
        Dataset = dataset;
        Code = code;
        IsTransient = isTransient;
    }

    /// <summary>Gets what went wrong.</summary>
    public SyncErrorKind Kind { get; }

    /// <summary>Gets a value indicating whether the same call may succeed later without anybody changing anything.</summary>
    public bool IsTransient { get; }

    /// <summary>Gets the SQLSTATE, PostgREST or HTTP status code, such as <c>57014</c>, <c>PGRST301</c> or <c>503</c>; null when the server did not answer.</summary>
    public string? Code { get; }

    /// <summary>Gets or sets a value indicating whether the server answered every attempt without doing what was requested.</summary>
    internal bool IsRefusal { get; set; }

    /// <summary>Gets or sets a value indicating whether the session became another user's while it was in use.</summary>
    internal bool IsOfAnotherUser { get; set; }

    /// <summary>Gets or sets the dataset's column that the server named; null when it named no column of the dataset.</summary>
    internal string? Column { get; set; }

    /// <summary>Gets the dataset's name; null when the failure does not concern a dataset.</summary>
    public string? Dataset { get; }
}
