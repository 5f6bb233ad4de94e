namespace Agent.Sync.Kit;

/// <summary>One answer of the kit's horizon function.</summary>
/// <param name="Value">Nothing below it can still appear.</param>
/// <param name="Next">The first transaction id that was not assigned yet.</param>
/// <param name="ServerTime">The server's clock.</param>
/// <param name="HeldSince">Since when a transaction has held the horizon back; null when none does, or nobody may see it.</param>
internal sealed record Horizon(long Value, long Next, DateTimeOffset ServerTime, DateTimeOffset? HeldSince)
{
    /// <summary>Gets how long a transaction has held the horizon back; zero when none does.</summary>
    public TimeSpan Age => HeldSince is { } since && since < ServerTime ? ServerTime - since : TimeSpan.Zero;
}
