using Agent.Sync;

namespace QuickStart.Events;

/// <summary>Rejected changes were given up; their rows are the server's again.</summary>
internal sealed record DiscardedEvent(string Dataset, int Changes) : SampleEvent("discarded");
