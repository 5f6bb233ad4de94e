namespace Agent.Sync.Stores;

/// <summary>The state of a dataset in a local store.</summary>
/// <param name="StoreId">A random id, created with the store. It distinguishes a replaced store from the one a checkpoint was written for.</param>
/// <param name="HasRows">Whether the table has any row. If so, a backfill is a resync.</param>
public sealed record LocalState(Guid StoreId, bool HasRows)
{
    /// <summary>
    /// Gets a value indicating whether edits may have been missed, because the means of recording them was missing and has been restored.
    /// True until a resync with a <see cref="Reconciliation"/> is complete.
    /// </summary>
    public bool HasUnrecordedChanges { get; init; }

    /// <summary>
    /// Gets a number when every row has to be read again, because something other than a sync added, lost or emptied columns, or because edits may have been
    /// missed; null, the default, otherwise. Each new reason gives another number. A resync that began under this number satisfies it, and is not started over.
    /// </summary>
    /// <value>The store returns null again when such a resync is complete.</value>
    public long? Reread { get; init; }
}
