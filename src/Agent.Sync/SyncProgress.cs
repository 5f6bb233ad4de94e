using System.Globalization;
using System.Text;

namespace Agent.Sync;

/// <summary>A snapshot of a run. Immutable; within a dataset and a direction it never goes backwards.</summary>
public sealed record SyncProgress
{
    /// <summary>Gets the snapshot's number, from 1, rising by one.</summary>
    public required long Sequence { get; init; }

    /// <summary>Gets the dataset being synced.</summary>
    public required string Dataset { get; init; }

    /// <summary>Gets the phase of the run.</summary>
    public required SyncPhase Phase { get; init; }

    /// <summary>Gets the rows durably applied, including those of earlier runs of the same backfill; in a push the changes with a final outcome.</summary>
    public required long Completed { get; init; }

    /// <summary>Gets the expected number of rows or changes. Null while unknown, and once more arrived than expected. It may be the planner's estimate.</summary>
    public required long? Total { get; init; }

    /// <summary>Gets the completed share, 0 to 1; null while the total is unknown. It is 1 only when the dataset is complete: after its pull, or at the end of a run that only pushes.</summary>
    public required double? Fraction { get; init; }

    /// <summary>Gets the recent rows per second of this run; null until rows were applied.</summary>
    public required double? RowsPerSecond { get; init; }

    /// <summary>Gets the time left at the present rate; null until there is enough data for an estimate.</summary>
    public required TimeSpan? EstimatedTimeLeft { get; init; }

    /// <summary>Gets the time since the run's start.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Gets the bytes of JSON received in this run, after decompression.</summary>
    public required long Bytes { get; init; }

    /// <summary>Gets the pages received in this run.</summary>
    public required long Pages { get; init; }

    /// <summary>Gets the retries so far in this run.</summary>
    public required long Retries { get; init; }

    /// <summary>Gets the process's working set, in bytes.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Returns one line for people, such as <c>artifacts: Backfill, 12,000 of 100,000 (12 %), 25,000/s, 3.5 s left</c>.</summary>
    /// <returns>A text without values of rows.</returns>
    public override string ToString()
    {
        if (this is { Completed: 0, Total: 0 })
        {
            return $"{Dataset}: {Phase}, {(Phase == SyncPhase.Completed ? "nothing to do" : "nothing so far")}";
        }

        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{Dataset}: {Phase}, {Completed:N0}");
        if (Total is { } total)
        {
            text.Append(CultureInfo.InvariantCulture, $" of {total:N0}");
        }

        if (Fraction is { } fraction)
        {
            text.Append(CultureInfo.InvariantCulture, $" ({Math.Floor(fraction * 100):0} %)");
        }

        if (RowsPerSecond is { } rate)
        {
            text.Append(CultureInfo.InvariantCulture, $", {rate:N0}/s");
        }

        return EstimatedTimeLeft is { } left ? text.Append(CultureInfo.InvariantCulture, $", {RecordText.Time(left)} left").ToString() : text.ToString();
    }
}
