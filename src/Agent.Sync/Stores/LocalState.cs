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

    /// <summary>
    /// Gets the generation of the last batch or swap of a resync: the one of which the store knows what it brought. A checkpoint of another resync, as a restored
    /// copy has, cannot be gone on with: its end would remove what nobody remembers to have seen. The engine then reads everything again.
    /// </summary>
    /// <value>0 when there was none; null, the default, from a store that does not say.</value>
    public long? Generation { get; init; }
}
