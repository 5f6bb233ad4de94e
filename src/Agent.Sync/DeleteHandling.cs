namespace Agent.Sync;

/// <summary>What happens to a local row whose deletion column is set on the server.</summary>
public enum DeleteHandling
{
    /// <summary>The local row is removed.</summary>
    Remove,

    /// <summary>The local row stays and carries the deletion time in its own column.</summary>
    Mark,
}
