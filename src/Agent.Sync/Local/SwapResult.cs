namespace Agent.Sync.Local;

/// <summary>What a generation swap did.</summary>
/// <param name="Refused">True when the guard refused: nothing changed.</param>
/// <param name="Removed">Rows removed, or that would have been.</param>
/// <param name="LocalRows">Rows in the table before the swap.</param>
public readonly record struct SwapResult(bool Refused, long Removed, long LocalRows);
