namespace Agent.Sync.Stores;

/// <summary>Pages to apply in one transaction.</summary>
/// <param name="Dataset">The dataset.</param>
/// <param name="Pages">The pages, in order. Empty when only the checkpoint moves.</param>
/// <param name="Checkpoint">The checkpoint that goes with the rows; null when another store keeps it.</param>
/// <param name="Generation">
/// The resync under way. Rows are written whatever their version, because they are the server's present state, and every key is recorded as seen in this
/// generation. A new number forgets what an abandoned generation saw. Null outside a resync.
/// </param>
public sealed record ApplyBatch(Dataset Dataset, IReadOnlyList<Page> Pages, CheckpointWrite? Checkpoint, long? Generation)
{
    /// <summary>Gets what the pages hold. The default is <see cref="PageContent.Rows"/>.</summary>
    public PageContent Content { get; init; }

    /// <summary>Gets how rows are compared in a resync that looks for unrecorded edits; null, the default, otherwise. Only set for an <see cref="IChangeStore"/>.</summary>
    public Reconciliation? Reconciliation { get; init; }
}
