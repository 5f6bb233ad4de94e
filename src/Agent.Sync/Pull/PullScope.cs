using Agent.Sync.Checkpoints;
using Agent.Sync.Kit;

namespace Agent.Sync.Pull;

/// <summary>What a pull is of: the dataset in the grade that the server allows, and whose it is.</summary>
/// <param name="Declared">The dataset as the app declared it.</param>
/// <param name="Stamp">What its checkpoints belong to: the same in both grades.</param>
/// <param name="Kit">What the SQL kit says of it; null where the kit is missing.</param>
internal sealed record PullScope(Dataset Declared, ScopeStamp Stamp, KitDataset? Kit)
{
    /// <summary>Gets the dataset as it is read and kept.</summary>
    public Dataset Dataset => Kit?.Rows ?? Declared;

    public CompletenessGrade Grade => Kit is null ? CompletenessGrade.Overlap : CompletenessGrade.Exact;

    public string DeclaredCursor => Declared.Columns[Declared.CursorOrdinal].Name;
}
