using Agent.Sync.Checkpoints;
using Agent.Sync.Kit;
using Agent.Sync.Stores;

namespace Agent.Sync.Runs;

/// <summary>
/// Whether a checkpoint still belongs to the run's user, and whether what it says still holds: every reason for a resync but one is found here.
/// <see cref="ResyncReason.PositionAhead"/> shows only in the answers to a pass.
/// </summary>
internal static class ResyncCheck
{
    public static bool IsSameUser(ScopeStamp saved, ScopeStamp present) => string.Equals(saved.User, present.User, StringComparison.Ordinal);

    /// <summary>Compares before a push. Local edits belong to the project whose rows were edited: they are never sent to another one.</summary>
    /// <param name="saved">What the local rows belong to.</param>
    /// <param name="present">What the run's session belongs to.</param>
    /// <param name="fullResync">Whether the app said to start over, which is enough for another project.</param>
    public static ResyncReason BeforePush(ScopeStamp saved, ScopeStamp present, bool fullResync) =>
        fullResync || IsSameProject(saved, present) ? ResyncReason.None : ResyncReason.ProjectChanged;

    /// <summary>Compares before a pull.</summary>
    public static ResyncReason BeforePull(CheckpointState saved, ScopeStamp present, LocalState local, KitDataset? kit)
    {
        if (!IsSameProject(saved.Scope, present))
        {
            return ResyncReason.ProjectChanged;
        }

        if (!string.Equals(saved.Scope.Role, present.Role, StringComparison.Ordinal))
        {
            return ResyncReason.RoleChanged;
        }

        if (!string.Equals(saved.Scope.Filter, present.Filter, StringComparison.Ordinal))
        {
            return ResyncReason.FilterChanged;
        }

        if (!string.Equals(saved.Scope.Schema, present.Schema, StringComparison.Ordinal))
        {
            return ResyncReason.SchemaChanged;
        }

        if (saved.StoreId != local.StoreId)
        {
            return ResyncReason.StoreReplaced;
        }

        // Positions of another grade are discarded anyway.
        return saved.Grade == CompletenessGrade.Exact && kit is not null ? OfHistory(saved, kit) : ResyncReason.None;
    }

    /// <summary>Checks whether positions in the kit's sequence still mean on the server what they meant when they were saved.</summary>
    public static ResyncReason OfHistory(CheckpointState saved, KitDataset kit)
    {
        var rows = NumberOf(saved.SafePosition?.CursorValue ?? saved.Mark);
        var tombstones = NumberOf(saved.SafeTombstonePosition?.CursorValue ?? saved.Mark);

        // A rewound database issues the same sequence again: a position ahead of its horizon belongs to the history that was undone.
        if (!string.Equals(saved.Epoch, kit.Table.Epoch, StringComparison.Ordinal)
            || rows > kit.Horizon.Value
            || tombstones > kit.Horizon.Value)
        {
            return ResyncReason.EpochChanged;
        }

        return tombstones < kit.Table.MinRetained ? ResyncReason.TombstonesPurged : ResyncReason.None;
    }

    private static bool IsSameProject(ScopeStamp saved, ScopeStamp present) => string.Equals(saved.Project, present.Project, StringComparison.Ordinal);

    /// <summary>Null before the first page of a backfill: no position could be wrong yet.</summary>
    private static long? NumberOf(string? value) =>
        value is not null && CursorNumber.TryParse(ColumnType.Integer, value, out var number) ? number : null;
}
