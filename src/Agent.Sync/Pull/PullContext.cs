using Agent.Sync.Checkpoints;
using Agent.Sync.Kit;
using Agent.Sync.Postgrest;
using Agent.Sync.Runs;
using Agent.Sync.Stores;

namespace Agent.Sync.Pull;

/// <summary>What the pull of one dataset works with.</summary>
internal sealed record PullContext
{
    public required RunContext Run { get; init; }

    public required PullScope Scope { get; init; }

    /// <summary>Gets the dataset as it is read and stored; with the SQL kit, that is not quite how it was declared.</summary>
    public Dataset Dataset => Scope.Dataset;

    public required IPageTransport Pages { get; init; }

    /// <summary>Gets what asks the SQL kit again.</summary>
    public required ICallTransport Calls { get; init; }

    public required KitRun Kit { get; init; }

    public required RequestTally Tally { get; init; }

    public required ILocalStore Local { get; init; }

    public required CheckpointKeeper Keeper { get; init; }

    public required DatasetLease Lease { get; init; }
}

/// <summary>What a pull is of: the dataset in the grade that the server allows, and what it belongs to.</summary>
/// <param name="Declared">The dataset as the app declared it.</param>
/// <param name="Stamp">What its checkpoints belong to: the same in both grades.</param>
/// <param name="Kit">What the SQL kit says of it; null where the kit is missing.</param>
internal sealed record PullScope(Dataset Declared, ScopeStamp Stamp, KitDataset? Kit)
{
    /// <summary>Gets the dataset as it is read and stored.</summary>
    public Dataset Dataset => Kit?.Rows ?? Declared;

    public CompletenessGrade Grade => Kit is null ? CompletenessGrade.Overlap : CompletenessGrade.Exact;

    public string DeclaredCursor => Declared.Columns[Declared.CursorOrdinal].Name;
}
