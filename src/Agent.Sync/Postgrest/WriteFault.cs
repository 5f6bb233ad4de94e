namespace Agent.Sync.Postgrest;

/// <summary>What a write that failed for good says about the rows it carried.</summary>
internal enum WriteFault
{
    /// <summary>Nothing: the run fails.</summary>
    None,

    /// <summary>One of the rows is not acceptable: find it, keep it aside, send the others.</summary>
    Row,

    /// <summary>A row refers to one that is not there, which may still come.</summary>
    MissingParent,

    /// <summary>Too many bytes for one request: send less at once.</summary>
    TooLarge,

    /// <summary>Too much work for one statement: send less at once.</summary>
    TooSlow,
}
