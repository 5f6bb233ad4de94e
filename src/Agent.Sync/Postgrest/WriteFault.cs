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

    /// <summary>A row has a value that another row has, which may still give it up.</summary>
    ValueTaken,

    /// <summary>Perhaps one of the rows, perhaps the table: a row's when others go through, nobody's when every row gets it.</summary>
    Undecided,

    /// <summary>Other transactions hold a row: nobody's fault, and the other rows may go through.</summary>
    Busy,

    /// <summary>No answer came in time: a row that is run again and again without end, or too much at once. Any of it may have been written.</summary>
    Unanswered,

    /// <summary>Too many bytes for one request: send less at once.</summary>
    TooLarge,

    /// <summary>Too much work for one statement: send less at once.</summary>
    TooSlow,
}
