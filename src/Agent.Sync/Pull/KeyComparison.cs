namespace Agent.Sync.Pull;

internal enum KeyComparison
{
    Before,

    Same,

    After,

    /// <summary>Different, but only the server knows its collation.</summary>
    Different,
}
