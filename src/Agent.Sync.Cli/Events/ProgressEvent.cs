namespace Agent.Sync.Cli.Events;

/// <summary>A commit. The members are those of SyncProgress, times in seconds.</summary>
internal sealed record ProgressEvent(
    string Dataset,
    SyncPhase Phase,
    long Completed,
    long? Total,
    double? Fraction,
    double? RowsPerSecond,
    double? SecondsLeft,
    double Seconds,
    long Bytes,
    long Pages,
    long Retries,
    long MemoryBytes) : ConsoleEvent("progress")
{
    public static ProgressEvent From(SyncProgress progress) => new(
        progress.Dataset,
        progress.Phase,
        progress.Completed,
        progress.Total,
        progress.Fraction,
        progress.RowsPerSecond,
        progress.EstimatedTimeLeft?.TotalSeconds,
        progress.Elapsed.TotalSeconds,
        progress.Bytes,
        progress.Pages,
        progress.Retries,
        progress.MemoryBytes);
}
