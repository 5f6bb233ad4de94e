namespace Agent.Sync.IntegrationTests.Faults;

/// <summary>A device's clock that is wrong by a constant.</summary>
internal sealed class OffsetClock(TimeSpan offset) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + offset;
}
