using Agent.Sync;

namespace QuickStart.Events;

/// <summary>An earlier run stopped here; this one goes on.</summary>
internal sealed record ResumingEvent(string Dataset, long Rows) : SampleEvent("resuming");
