using Agent.Sync.Checkpoints;

namespace Agent.Sync.Local;

/// <summary>Pages to apply in one transaction.</summary>
/// <param name="Dataset">The dataset.</param>
/// <param name="Pages">The pages, in order. May be empty when only the checkpoint moves.</param>
/// <param name="Checkpoint">The checkpoint that goes with the rows; null when another store keeps it.</param>
/// <param name="Generation">
/// The resync under way: rows of an equal version are written again, and every key is remembered as seen in this
/// generation. A new number forgets what an abandoned generation saw. Null outside a resync.
/// </param>
public sealed record ApplyBatch(Dataset Dataset, IReadOnlyList<Page> Pages, CheckpointWrite? Checkpoint, long? Generation);
