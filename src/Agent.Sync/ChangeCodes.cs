namespace Agent.Sync;

/// <summary>This library's own codes for quarantined changes (<see cref="LocalChange.Code"/>). They are lower case, unlike SQLSTATEs and PostgREST's codes.</summary>
public static class ChangeCodes
{
    /// <summary>
    /// Another device or writer has already inserted a row with this key and other values. Neither row overwrites the other. Give the local row another
    /// key to send it as a row of its own, or discard the change to take the server's row.
    /// </summary>
    /// <value><c>key_taken</c>.</value>
    public const string KeyTaken = "key_taken";

    /// <summary>A local value does not fit its column's type. <see cref="LocalChange.Constraint"/> names the column.</summary>
    /// <value><c>local_value</c>.</value>
    public const string LocalValue = "local_value";

    /// <summary>A local row differs from the server's, while nothing recorded an edit of it. Retry the change to send the local row, or discard it for the server's.</summary>
    /// <value><c>unrecorded</c>.</value>
    public const string Unrecorded = "unrecorded";

    /// <summary>The change edits a column that the local table or the dataset no longer has. <see cref="LocalChange.Constraint"/> names the column.</summary>
    /// <value><c>column_gone</c>.</value>
    public const string ColumnGone = "column_gone";
}
