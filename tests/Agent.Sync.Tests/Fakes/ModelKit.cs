using Agent.Sync.Kit;
using Agent.Sync.Sqlite.Outbox;

namespace Agent.Sync.Tests.Fakes;

/// <summary>What a server's SQL kit says of the dataset under test.</summary>
internal sealed class ModelKit
{
    private (Dataset Declared, Dataset Rows, Dataset Tombstones)? _sequenced;

    public string Epoch { get; set; } = "epoch";

    public long MinRetained { get; set; }

    public long Horizon { get; set; } = 1;

    public long Next { get; set; } = 1;

    public DateTimeOffset ServerTime { get; set; } = Items.Noon;

    public DateTimeOffset? HeldSince { get; set; }

    public IReadOnlyList<string>? Columns { get; set; }

    public bool PoliciesChanged { get; set; }

    public KitDataset Read(Dataset declared)
    {
        if (_sequenced?.Declared != declared)
        {
            var rows = declared.Sequenced();
            _sequenced = (declared, rows, rows.Tombstones(HorizonCall.Schema, declared.RemoteTable, Columns));
        }

        var (_, sequenced, tombstones) = _sequenced.Value;
        return new KitDataset(
            declared,
            sequenced,
            tombstones,
            new KitTable(Epoch, MinRetained, declared.RemoteTable) { PoliciesChanged = PoliciesChanged },
            new Horizon(Horizon, Next, ServerTime, HeldSince));
    }
}
