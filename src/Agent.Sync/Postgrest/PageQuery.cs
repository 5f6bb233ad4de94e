namespace Agent.Sync.Postgrest;

/// <summary>What one page request asks for.</summary>
internal sealed record PageQuery(Dataset Dataset, PageOrder Order, CursorPosition? After, int Limit)
{
    /// <summary>Gets the count to ask for along with the page.</summary>
    public TotalCount Count { get; init; } = TotalCount.None;
}
