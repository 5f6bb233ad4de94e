namespace QuickStart.Events;

/// <summary>The pull ended early, at a commit. The datasets that are under way are listed.</summary>
internal sealed record StoppedEvent(IReadOnlyList<DatasetPosition> Datasets, string Database) : SampleEvent("stopped");
