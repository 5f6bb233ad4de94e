using Agent.Sync;

namespace QuickStart.Events;

/// <summary>How far a dataset is; the total is null while it is unknown.</summary>
internal sealed record DatasetPosition(string Dataset, long Rows, long? Total);
