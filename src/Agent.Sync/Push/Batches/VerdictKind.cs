namespace Agent.Sync.Push.Batches;

/// <summary>What the server's answer says about one change.</summary>
internal enum VerdictKind
{
    /// <summary>It is on the server.</summary>
    Applied,

    /// <summary>The server's row is another one than the edit started from.</summary>
    Conflict,

    /// <summary>The server will not have it.</summary>
    Rejected,

    /// <summary>The server will not have it, for a reason that may be the row's or everybody's: what becomes of the others tells.</summary>
    Undecided,

    /// <summary>It refers to a row that is not there yet, or has a value that another row may still give up: to be tried again at the end.</summary>
    Deferred,

    /// <summary>It was not sent, or certainly not taken.</summary>
    Returned,
}
