using Agent.Sync;

namespace QuickStart.Events;

/// <summary>A dataset's position was forgotten.</summary>
internal sealed record ResetEvent(string Dataset) : SampleEvent("reset");
