using Agent.Sync.Stores;
using Agent.Sync.Testing;

namespace Agent.Sync.SimulationTests;

/// <summary>What survives a kill: the rows and the checkpoints, kept together or apart.</summary>
internal sealed class SimulatedDisk
{
    private readonly InMemoryTransactionalStore? _together;
    private readonly InMemoryLocalStore? _rows;

    public SimulatedDisk(bool together)
    {
        if (together)
        {
            _together = new InMemoryTransactionalStore();
            Local = _together;
            Checkpoints = _together;
        }
        else
        {
            _rows = new InMemoryLocalStore();
            Local = _rows;
            Checkpoints = new InMemoryCheckpointStore();
        }
    }

    public IChangeStore Local { get; }

    public ICheckpointStore Checkpoints { get; }

    public bool IsTogether => _together is not null;

    public IReadOnlyList<string> Rows(string table) => _together?.GetRows(table) ?? _rows!.GetRows(table);

    public string? FindRow(string table, string key) => _together?.FindRow(table, key) ?? _rows?.FindRow(table, key);

    /// <summary>Edits as the app does: recorded, to be pushed.</summary>
    public void Insert(Dataset dataset, string json)
    {
        _together?.Insert(dataset, json);
        _rows?.Insert(dataset, json);
    }

    public void Update(Dataset dataset, string json, string key)
    {
        _together?.Update(dataset, json, key);
        _rows?.Update(dataset, json, key);
    }

    public void Delete(Dataset dataset, string key)
    {
        _together?.Delete(dataset, key);
        _rows?.Delete(dataset, key);
    }

    /// <summary>Puts a checkpoint back that was saved before, as a restored backup does.</summary>
    public void PutCheckpoint(Dataset dataset, byte[] content, DateTimeOffset now)
    {
        var slot = CheckpointId.For(dataset);
        var owner = new LeaseOwner("simulation", 0, 0, Guid.Empty);
        var answer = Checkpoints.AcquireLeaseAsync(
            new LeaseRequest(slot, owner, now, TimeSpan.FromSeconds(1), static _ => true), CancellationToken.None).AsTask().GetAwaiter().GetResult();
        var fence = answer.Fence!.Value;
        Checkpoints.ClearAsync(slot, fence, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        Checkpoints.WriteAsync(new CheckpointWrite(slot, content, 0, fence), CancellationToken.None).AsTask().GetAwaiter().GetResult();
        Checkpoints.ReleaseLeaseAsync(slot, fence, CancellationToken.None).AsTask().GetAwaiter().GetResult();
    }
}
