using Agent.Sync;

namespace QuickStart.Events;

/// <summary>Local changes wait to be sent.</summary>
internal sealed record PendingEvent(string Dataset, long Changes) : SampleEvent("pending");
