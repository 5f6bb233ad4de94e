namespace Agent.Sync.Stores;

/// <summary>What a local store holds of a dataset.</summary>
/// <param name="StoreId">Made at random with the store: tells a replaced store from the one a checkpoint was written for.</param>
/// <param name="HasRows">Whether the table has any row: then a backfill is a resync.</param>
public sealed record LocalState(Guid StoreId, bool HasRows)
{
    /// <summary>
    /// Gets a value indicating whether edits may have been missed, since the means of recording them was found missing and was put back.
    /// True until a resync with a <see cref="Reconciliation"/> is complete.
    /// </summary>
    public bool HasUnrecordedChanges { get; init; }

    /// <summary>
    /// Gets a number when every row has to be read again, since columns were added, lost or emptied by something else than a sync, or edits may have been
    /// missed: null, the default, when not. Each new reason gives another number; a resync that began under this one satisfies it, and is not started over.
    /// </summary>
    /// <value>The store answers null again when such a resync is complete.</value>
    public long? Reread { get; init; }
}
