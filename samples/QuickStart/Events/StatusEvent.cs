using Agent.Sync;

namespace QuickStart.Events;

/// <summary>Where every dataset stands.</summary>
internal sealed record StatusEvent(string Database, IReadOnlyList<DatasetStatus> Datasets) : SampleEvent("status");
