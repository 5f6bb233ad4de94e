using Agent.Sync.Postgrest;
using Agent.Sync.Runs;
using Agent.Sync.Stores;

namespace Agent.Sync.Push.Batches;

/// <summary>What the push of one dataset works with.</summary>
internal sealed record PushContext
{
    public required RunContext Run { get; init; }

    /// <summary>Gets the dataset as it is synced: sequenced where the SQL kit is used.</summary>
    public required Dataset Dataset { get; init; }

    public required IChangeStore Store { get; init; }

    public required ICallTransport Transport { get; init; }

    public required RequestTally Tally { get; init; }

    public required DatasetLease Lease { get; init; }

    /// <summary>Gets a value indicating whether changes go to the SQL kit's push function.</summary>
    public required bool UsesKit { get; init; }

    /// <summary>Gets a value indicating whether every local row was read with the kit's stamp, unless the server no longer has it.</summary>
    public bool KnowsStamps { get; init; }

    /// <summary>Gets what earlier parts of this run's push did.</summary>
    public required PushState State { get; init; }

    /// <summary>Gets who wins a conflict: the dataset's own choice, else the options'.</summary>
    public ConflictPolicy ConflictPolicy => Run.Options.Push.PolicyOf(Dataset);

    /// <summary>Gets a value indicating whether nothing more is to be sent, although nothing failed.</summary>
    public bool MustStop => Run.TimeOver.IsCancellationRequested || State.Quarantine.IsFull || State.Refusals.IsHopeless;
}
