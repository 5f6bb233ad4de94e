namespace Agent.Sync.Push.Batches;

/// <summary>What became of one change of a unit.</summary>
/// <param name="Index">The change's position in the unit.</param>
/// <param name="Kind">What the answer says.</param>
/// <param name="Server">The page with the server's row; null when there is none.</param>
/// <param name="ServerRow">Its position there.</param>
/// <param name="Code">Why it was rejected.</param>
/// <param name="Constraint">The broken constraint, where the server tells.</param>
/// <param name="IsAlone">Whether the change was refused by itself; else with others of its batch.</param>
internal readonly record struct Verdict(
    int Index, VerdictKind Kind, Page? Server = null, int ServerRow = 0, string? Code = null, string? Constraint = null, bool IsAlone = true)
{
    /// <summary>Gets the page whose only row is what a soft delete left, which is no row to keep here; null for any other change.</summary>
    public Page? Written { get; init; }
}
