using Agent.Sync.Checkpoints;
using Agent.Sync.Postgrest;
using Agent.Sync.Seams;
using Agent.Sync.Stores;

namespace Agent.Sync.Doctor;

/// <summary>What of an engine is looked at.</summary>
internal sealed record CheckupParts
{
    public required SyncOptions Options { get; init; }

    /// <summary>Gets the datasets that are looked at.</summary>
    public required IReadOnlyList<Dataset> Datasets { get; init; }

    /// <summary>Gets the connection to the project, with few retries; null for an engine that only works on its stores.</summary>
    public required PostgrestClient? Remote { get; init; }

    /// <summary>Gets what an engine without a connection lacks.</summary>
    public required IReadOnlyList<string> Missing { get; init; }

    public required ILocalStore Local { get; init; }

    public required ICheckpointStore Checkpoints { get; init; }

    public required EngineSeams Seams { get; init; }

    /// <summary>Gets the seal over checkpoints; asked for only where there is a checkpoint, because it may have to be made.</summary>
    public required Func<CancellationToken, ValueTask<ContentSeal>> GetSealAsync { get; init; }

    /// <summary>Reads a dataset's checkpoint; null when there is none. Creates nothing.</summary>
    /// <exception cref="SyncException">It cannot be read.</exception>
    public async Task<CheckpointState?> ReadCheckpointAsync(Dataset dataset, CancellationToken cancellationToken)
    {
        var id = CheckpointId.For(dataset);
        return await Checkpoints.ReadAsync(id, cancellationToken).ConfigureAwait(false) is { } stored
            ? CheckpointCodec.Read(await GetSealAsync(cancellationToken).ConfigureAwait(false), id, dataset.Name, stored.Content)
            : null;
    }
}
