using Agent.Sync;

namespace QuickStart.Events;

/// <summary>Rejected changes wait to be sent again.</summary>
internal sealed record RetriedEvent(string Dataset, int Changes) : SampleEvent("retried");
