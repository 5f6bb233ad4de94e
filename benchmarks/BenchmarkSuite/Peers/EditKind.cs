namespace BenchmarkSuite.Peers;

/// <summary>What the app does to its rows.</summary>
internal enum EditKind
{
    /// <summary>New rows.</summary>
    Insert,

    /// <summary>New names for rows that were new.</summary>
    Update,

    /// <summary>Rows that were new go.</summary>
    Delete,
}
