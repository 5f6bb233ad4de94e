namespace Agent.Sync.Cli.Events;

/// <summary>The run ended by itself. Rows per second count every row that was read and every change that was sent.</summary>
internal sealed record ResultEvent(
    SyncDirection Direction,
    SyncOutcome Outcome,
    CompletenessGrade Grade,
    DateTimeOffset? AsOf,
    long Applied,
    long Unchanged,
    long Deleted,
    long Pushed,
    long Conflicts,
    long Rejected,
    long Pending,
    long Quarantined,
    long Parked,
    double RowsPerSecond,
    double Seconds,
    long Pages,
    long Requests,
    long Retries,
    long Bytes,
    long PeakMemoryBytes,
    bool HasMore,
    DateTimeOffset? HorizonHeldSince,
    ResyncReason ResyncReason,
    bool IsDryRun,
    bool IsEstimate,
    IReadOnlyList<DatasetPosition> ResumedAt,
    string Database,
    int ExitCode) : ConsoleEvent("result")
{
    public static ResultEvent From(
        SyncDirection direction, SyncResult result, string database, IReadOnlyList<DatasetPosition> resumedAt, int exitCode)
    {
        var datasets = result.Datasets;
        var rows = result.Applied + result.Unchanged + result.Deleted + result.Pushed;
        return new ResultEvent(
            direction,
            result.Outcome,
            result.Grade,
            result.AsOf,
            result.Applied,
            result.Unchanged,
            result.Deleted,
            result.Pushed,
            result.Conflicts,
            result.Rejected,
            datasets.Sum(static dataset => dataset.Pending),
            result.Quarantined,
            datasets.Sum(static dataset => dataset.Parked),
            result.Duration > TimeSpan.Zero ? Math.Round(rows / result.Duration.TotalSeconds) : 0,
            result.Duration.TotalSeconds,
            datasets.Sum(static dataset => dataset.Pages),
            datasets.Sum(static dataset => dataset.Requests),
            datasets.Sum(static dataset => dataset.Retries),
            datasets.Sum(static dataset => dataset.Bytes),
            result.PeakMemoryBytes,
            datasets.Any(static dataset => dataset.HasMore),
            datasets.Min(static dataset => dataset.HorizonHeldSince),
            datasets.Select(static dataset => dataset.ResyncReason).FirstOrDefault(static reason => reason != ResyncReason.None),
            result.IsDryRun,
            datasets.Any(static dataset => dataset.IsEstimate),
            resumedAt,
            database,
            exitCode);
    }
}
