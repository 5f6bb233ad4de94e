using Agent.Sync;

namespace QuickStart.Events;

/// <summary>The pull ended. Rows per second count every row that was read.</summary>
internal sealed record ResultEvent(
    SyncOutcome Outcome,
    CompletenessGrade Grade,
    long Applied,
    long Unchanged,
    long Deleted,
    double RowsPerSecond,
    double Seconds,
    long Pages,
    long Requests,
    long Retries,
    long Bytes,
    long PeakMemoryBytes,
    bool MoreAboveCeiling,
    ResyncReason ResyncReason,
    IReadOnlyList<DatasetPosition> ResumedAt,
    string Database,
    int ExitCode) : SampleEvent("result")
{
    public static ResultEvent From(SyncResult result, string database, IReadOnlyList<DatasetPosition> resumedAt, int exitCode)
    {
        var datasets = result.Datasets;
        var rows = result.Applied + result.Unchanged + result.Deleted;
        return new ResultEvent(
            result.Outcome,
            result.Grade,
            result.Applied,
            result.Unchanged,
            result.Deleted,
            result.Duration > TimeSpan.Zero ? Math.Round(rows / result.Duration.TotalSeconds) : 0,
            result.Duration.TotalSeconds,
            datasets.Sum(static dataset => dataset.Pages),
            datasets.Sum(static dataset => dataset.Requests),
            datasets.Sum(static dataset => dataset.Retries),
            datasets.Sum(static dataset => dataset.Bytes),
            result.PeakMemoryBytes,
            datasets.Any(static dataset => dataset.MoreAboveCeiling),
            datasets.Select(static dataset => dataset.ResyncReason).FirstOrDefault(static reason => reason != ResyncReason.None),
            resumedAt,
            database,
            exitCode);
    }
}
