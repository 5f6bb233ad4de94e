namespace Agent.Sync.Sqlite.Rows;

/// <summary>Which local rows the server's rows replace.</summary>
internal enum ReplaceMode
{
    /// <summary>Those of an older version.</summary>
    Older,

    /// <summary>Those of an older or the same version: a resync.</summary>
    OlderOrSame,

    /// <summary>Any: the answer to a change, and what a resync brings.</summary>
    Always,
}
