namespace Agent.Sync.Stores;

/// <summary>The end of a resync.</summary>
/// <param name="Dataset">The dataset.</param>
/// <param name="Generation">The generation that is complete.</param>
/// <param name="MaxRemovedShare">The share of local rows, 0 to 1, above which nothing is removed; 1 switches the guard off.</param>
/// <param name="Checkpoint">The checkpoint that goes with the removal; null when another store keeps it. Not written when the guard refuses.</param>
public sealed record GenerationSwap(Dataset Dataset, long Generation, double MaxRemovedShare, CheckpointWrite? Checkpoint)
{
    /// <summary>Gets how to treat rows that the generation did not bring, in a resync that looks for unrecorded edits; null, the default, otherwise.</summary>
    public Reconciliation? Reconciliation { get; init; }
}

/// <summary>The result of a generation swap.</summary>
/// <param name="Refused">True when the guard refused: nothing changed.</param>
/// <param name="Removed">Rows that were removed, or would have been.</param>
/// <param name="LocalRows">Rows in the table before the swap.</param>
public readonly record struct SwapResult(bool Refused, long Removed, long LocalRows)
{
    /// <summary>Gets how many of the edits that the resync found stay in quarantine for the user to decide. The default is 0.</summary>
    public long Held { get; init; }
}
