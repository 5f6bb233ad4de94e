namespace QuickStart.Events;

/// <summary>The run ended early, at a commit. The datasets whose first sync is under way are listed; local changes left to send are counted.</summary>
internal sealed record StoppedEvent(IReadOnlyList<DatasetPosition> Datasets, long Pending, string Database) : SampleEvent("stopped");
