namespace QuickStart.Events;

/// <summary>What to try next.</summary>
internal sealed record NextEvent(IReadOnlyList<NextStep> Steps) : SampleEvent("next");
