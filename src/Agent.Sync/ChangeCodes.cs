namespace Agent.Sync;

/// <summary>The codes that this library gives to quarantined changes, beside the server's own (<see cref="LocalChange.Code"/>). All of them are lower case; SQLSTATEs and PostgREST's codes are not.</summary>
public static class ChangeCodes
{
    /// <summary>
    /// An insert met a row that has its key already, with other values, and that another device or writer made: neither overwrites the other. Give the
    /// local row another key, which sends it as a row of its own, or discard the change, which takes the server's row.
    /// </summary>
    /// <value><c>key_taken</c>.</value>
    public const string KeyTaken = "key_taken";

    /// <summary>A local value does not fit its column's type. <see cref="LocalChange.Constraint"/> names the column.</summary>
    /// <value><c>local_value</c>.</value>
    public const string LocalValue = "local_value";
}
