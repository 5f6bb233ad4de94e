namespace QuickStart.Events;

/// <summary>What became of the demo's edits.</summary>
/// <param name="Sent">The changes that are on the server now.</param>
/// <param name="Kept">The name that the row has which both sides named; null when it is gone.</param>
/// <param name="IsOurs">Whether that is this device's.</param>
/// <param name="Rejected">The edit that the server rejected; null when there is none.</param>
internal sealed record StoryEvent(long Sent, string? Kept, bool IsOurs, QuarantinedChange? Rejected) : SampleEvent("story");
