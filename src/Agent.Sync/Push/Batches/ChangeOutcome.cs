namespace Agent.Sync.Push.Batches;

/// <summary>What became of one change of a batch.</summary>
/// <param name="Index">The change's position in the batch.</param>
/// <param name="Kind">What the answer says.</param>
/// <param name="Server">The page with the server's row; null when there is none.</param>
/// <param name="ServerRow">Its position in that page.</param>
/// <param name="Code">Why it was rejected.</param>
/// <param name="Constraint">The broken constraint, if the server names it.</param>
/// <param name="IsAlone">Whether the change was refused by itself; else with others of its batch.</param>
internal readonly record struct ChangeOutcome(
    int Index, OutcomeKind Kind, Page? Server = null, int ServerRow = 0, string? Code = null, string? Constraint = null, bool IsAlone = true)
{
    /// <summary>Gets the page whose only row is what a soft delete left on the server, a row that is not kept locally; null for any other change.</summary>
    public Page? Written { get; init; }
}

/// <summary>What the server's answer says about one change.</summary>
internal enum OutcomeKind
{
    /// <summary>It is on the server.</summary>
    Applied,

    /// <summary>The server's row is not the one that the edit started from.</summary>
    Conflict,

    /// <summary>The server refuses it.</summary>
    Rejected,

    /// <summary>The server refuses it for a reason that may be the row's or everybody's: the outcomes of the others tell.</summary>
    Undecided,

    /// <summary>It refers to a row that is still missing, or has a value that another row may give up: it is tried again at the end.</summary>
    Deferred,

    /// <summary>It was not sent, or certainly not taken.</summary>
    Returned,
}
