namespace Agent.Sync.Pull;

/// <summary>Pages that follow each other in one order: what checks that they advance, and what the last one showed of the server's cap.</summary>
internal sealed class PageChain(PageOrderGuard guard)
{
    public PageOrderGuard Guard => guard;

    /// <summary>Gets or sets the rows of the last page when it had fewer than it was asked for; null when it was full.</summary>
    public int? ShortPage { get; set; }
}
