namespace Agent.Sync;

/// <summary>What a local change does to the server's row.</summary>
public enum ChangeKind
{
    /// <summary>The row is new.</summary>
    Insert,

    /// <summary>Columns of the row changed.</summary>
    Update,

    /// <summary>The row was removed.</summary>
    Delete,
}
