namespace Agent.Sync.Push.Sending;

/// <summary>A run of a batch's changes that is still to be sent.</summary>
internal sealed class BatchPart(int start, int count, BatchPart? before)
{
    public int Start => start;

    public int Count => count;

    /// <summary>Gets or sets a value indicating whether it went through.</summary>
    public bool HasPassed { get; set; }

    /// <summary>Gets a value indicating whether one of its rows is known to be refused: the half before it went through, and both together did not.</summary>
    public bool HoldsFault => before is { HasPassed: true };
}
