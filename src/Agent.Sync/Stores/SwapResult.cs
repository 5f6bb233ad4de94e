namespace Agent.Sync.Stores;

/// <summary>The result of a generation swap.</summary>
/// <param name="Refused">True when the guard refused: nothing changed.</param>
/// <param name="Removed">Rows that were removed, or would have been.</param>
/// <param name="LocalRows">Rows in the table before the swap.</param>
public readonly record struct SwapResult(bool Refused, long Removed, long LocalRows)
{
    /// <summary>Gets how many of the edits that the resync found stay in quarantine for the user to decide. The default is 0.</summary>
    public long Held { get; init; }
}
