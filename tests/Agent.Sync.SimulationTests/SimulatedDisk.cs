using Agent.Sync.Stores;
using Agent.Sync.Testing;
using Agent.Sync.Testing.Local;

namespace Agent.Sync.SimulationTests;

/// <summary>What survives a kill: the rows and the checkpoints, kept together or apart. Files may be lost, and copies put back.</summary>
internal sealed class SimulatedDisk
{
    private InMemoryTransactionalStore? _together;
    private InMemoryLocalStore? _rows;

    public SimulatedDisk(bool together)
    {
        IsTogether = together;
        Local = LoseRows();
        Checkpoints = _together ?? (ICheckpointStore)new InMemoryCheckpointStore();
    }

    public IChangeStore Local { get; private set; }

    public ICheckpointStore Checkpoints { get; private set; }

    public bool IsTogether { get; }

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

    /// <summary>Gets what a table holds, rows and outbox: the same object while nothing changes.</summary>
    public MemoryTable Table(string name) => Content[name];

    /// <summary>Copies the files.</summary>
    public DiskCopy Copy(Dataset dataset) => new(
        Content, Checkpoints.ReadAsync(CheckpointId.For(dataset), CancellationToken.None).AsTask().GetAwaiter().GetResult()?.Content.ToArray());

    /// <summary>Puts a copy of the files back.</summary>
    public void PutBack(DiskCopy copy, Dataset dataset, DateTimeOffset now)
    {
        if (_together is not null)
        {
            _together.Content = copy.Rows;
        }
        else
        {
            _rows!.Content = copy.Rows;
        }

        PutCheckpoint(dataset, copy.Checkpoint, now);
    }

    /// <summary>Loses the file of the rows, and with it the checkpoints that it holds.</summary>
    public IChangeStore LoseRows()
    {
        if (IsTogether)
        {
            Local = _together = new InMemoryTransactionalStore();
            Checkpoints = _together;
        }
        else
        {
            Local = _rows = new InMemoryLocalStore();
        }

        return Local;
    }

    /// <summary>Puts a checkpoint back that was saved before, as a restored backup does, or loses it.</summary>
    public void PutCheckpoint(Dataset dataset, byte[]? content, DateTimeOffset now)
    {
        var slot = CheckpointId.For(dataset);
        var owner = new LeaseOwner("simulation", 0, 0, Guid.Empty);
        var answer = Checkpoints.AcquireLeaseAsync(
            new LeaseRequest(slot, owner, now, TimeSpan.FromSeconds(1), static _ => true), CancellationToken.None).AsTask().GetAwaiter().GetResult();
        var fence = answer.Fence!.Value;
        Checkpoints.ClearAsync(slot, fence, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        if (content is not null)
        {
            Checkpoints.WriteAsync(new CheckpointWrite(slot, content, 0, fence), CancellationToken.None).AsTask().GetAwaiter().GetResult();
        }

        Checkpoints.ReleaseLeaseAsync(slot, fence, CancellationToken.None).AsTask().GetAwaiter().GetResult();
    }

    private IReadOnlyDictionary<string, MemoryTable> Content => _together?.Content ?? _rows!.Content;
}

/// <summary>A copy of a device's files.</summary>
internal sealed record DiskCopy(IReadOnlyDictionary<string, MemoryTable> Rows, byte[]? Checkpoint);
