using Agent.Sync.Checkpoints;
using Agent.Sync.Kit;

namespace Agent.Sync.Pull;

/// <summary>Tells whether positions in the kit's sequence still mean on the server what they meant when they were saved.</summary>
internal static class HistoryCheck
{
    public static ResyncReason Compare(CheckpointState saved, KitDataset kit)
    {
        var rows = NumberOf(saved.Settled?.CursorValue ?? saved.Mark);
        var tombstones = NumberOf(saved.TombstonesSettled?.CursorValue ?? saved.Mark);

        // A rewound database gives the same sequence out again: a position ahead of its horizon is of the history that was undone.
        if (!string.Equals(saved.Epoch, kit.Table.Epoch, StringComparison.Ordinal)
            || rows > kit.Horizon.Value
            || tombstones > kit.Horizon.Value)
        {
            return ResyncReason.EpochChanged;
        }

        return tombstones < kit.Table.MinRetained ? ResyncReason.TombstonesPurged : ResyncReason.None;
    }

    /// <summary>Null before the first page of a backfill: there is no position that could be wrong.</summary>
    private static long? NumberOf(string? value) =>
        value is not null && CursorNumber.TryParse(ColumnType.Integer, value, out var number) ? number : null;
}
