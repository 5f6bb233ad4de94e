namespace Agent.Sync.Stores;

/// <summary>The outcome of one change.</summary>
/// <param name="Change">The change's number.</param>
/// <param name="Operation">The operation id under which it was taken.</param>
/// <param name="Kind">The outcome.</param>
/// <param name="Server">The page that holds the server's row, with the dataset's columns; null when the server has none, or did not send it.</param>
/// <param name="ServerRow">The row's position in <paramref name="Server"/>.</param>
public readonly record struct Settlement(long Change, Guid Operation, SettlementKind Kind, Page? Server = null, int ServerRow = 0)
{
    /// <summary>Gets the merged row's page, with one row, for <see cref="SettlementKind.TakeMerged"/>; null removes the local row.</summary>
    public Page? Merged { get; init; }

    /// <summary>Gets the SQLSTATE or PostgREST code, for <see cref="SettlementKind.Reject"/>.</summary>
    public string? Code { get; init; }

    /// <summary>Gets the violated constraint's name, if the server names it.</summary>
    public string? Constraint { get; init; }
}
