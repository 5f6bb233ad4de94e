namespace Agent.Sync.Push.Batches;

/// <summary>How changes of a kind go over the wire.</summary>
internal enum SendForm
{
    /// <summary>Any kinds together, by the SQL kit's push function.</summary>
    Kit,

    /// <summary>Rows of the same columns in one statement.</summary>
    Bulk,

    /// <summary>One request per row.</summary>
    Single,
}
