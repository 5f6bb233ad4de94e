using Agent.Sync.Checkpoints;
using Agent.Sync.Diagnostics;
using Agent.Sync.Kit;
using Agent.Sync.Postgrest;
using Agent.Sync.Pull;
using Agent.Sync.Runs;
using Agent.Sync.Seams;
using Agent.Sync.Stores;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.Verify;

/// <summary>What every part of one verify works with.</summary>
internal sealed record VerifyContext
{
    public required VerifyOptions Options { get; init; }

    public required SyncOptions Settings { get; init; }

    public required EngineSeams Seams { get; init; }

    public required SyncMetrics Metrics { get; init; }

    public required ILogger Log { get; init; }

    /// <summary>Gets the dataset as it is stored: with the kit's sequence in the exact grade.</summary>
    public required Dataset Dataset { get; init; }

    /// <summary>Gets what the SQL kit says of the dataset; null in the overlap grade.</summary>
    public required KitDataset? Kit { get; init; }

    public required IPageTransport Pages { get; init; }

    public required ICallTransport Calls { get; init; }

    public required ILocalStore Local { get; init; }

    public required CheckpointKeeper Keeper { get; init; }

    /// <summary>Gets the dataset's checkpoint, which a verify does not move.</summary>
    public required CheckpointState Checkpoint { get; init; }

    public required DatasetLease Lease { get; init; }

    public required VerifyKeeper Progress { get; init; }

    public required VerifyState State { get; init; }

    public required VerifyReporter Reporter { get; init; }

    public required VerifyBudget Budget { get; init; }

    /// <summary>Gets the columns that are compared: all, or those that tell one version of a row from another.</summary>
    public required IReadOnlyList<int> Columns { get; init; }

    /// <summary>Gets the safe position when the verify began, as a number.</summary>
    public long Below => CursorNumber.TryParse(Dataset.Columns[Dataset.CursorOrdinal].Type, State.Below, out var number) ? number : long.MaxValue;

    public PageFetcher NewFetcher(Dataset dataset, PageSizer sizer) => new(Pages, dataset, sizer, Seams, Metrics, Log);

    /// <summary>Returns the columns to compare.</summary>
    public static IReadOnlyList<int> ColumnsOf(Dataset dataset, bool all)
    {
        if (all)
        {
            return [.. Enumerable.Range(0, dataset.Columns.Count)];
        }

        IEnumerable<int> columns = [.. dataset.KeyOrdinals, dataset.CursorOrdinal];
        if (dataset.VersionOrdinal is { } version)
        {
            columns = columns.Append(version);
        }

        if (dataset is { DeleteHandling: DeleteHandling.Remove, DeletedOrdinal: { } deleted })
        {
            columns = columns.Append(deleted);
        }

        return [.. columns.Distinct()];
    }
}
