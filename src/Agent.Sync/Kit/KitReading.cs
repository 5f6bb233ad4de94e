namespace Agent.Sync.Kit;

/// <summary>One answer of the kit for the datasets of a run.</summary>
/// <param name="Horizon">How far the sequence is settled.</param>
/// <param name="Tables">The enabled tables, by their name with its schema.</param>
internal sealed record KitReading(Horizon Horizon, IReadOnlyDictionary<string, KitTable> Tables);

/// <summary>What the SQL kit says of one enabled table.</summary>
/// <param name="Epoch">Another value means another history: positions of the old one are void.</param>
/// <param name="MinRetained">The lowest sequence whose tombstones are all still kept.</param>
/// <param name="Tombstones">The table, in the kit's schema, that holds them.</param>
internal sealed record KitTable(string Epoch, long MinRetained, string Tombstones)
{
    /// <summary>Gets a value indicating whether rows are ahead of this database's sequence, since a dump of another database was loaded.</summary>
    public bool NeedsRestamp { get; init; }

    /// <summary>Gets the kit's word for what keeps it from seeing every change; null when nothing does.</summary>
    public string? Problem { get; init; }

    /// <summary>Gets a value indicating whether the policies of the table or of its tombstones are others than enable left: some tombstones may be hidden from their users.</summary>
    public bool PoliciesChanged { get; init; }

    /// <summary>Gets the columns of the key that the table is enabled with, in order. Null when the kit does not tell.</summary>
    public IReadOnlyList<string>? Key { get; init; }

    /// <summary>Gets the tombstones' columns: a filter on any other column cannot be asked of them. Null when the kit does not tell.</summary>
    public IReadOnlyList<string>? Columns { get; init; }
}

/// <summary>One answer of the kit's horizon function.</summary>
/// <param name="Value">Nothing below it can still appear.</param>
/// <param name="Next">The first transaction id that was not assigned yet.</param>
/// <param name="ServerTime">The server's clock.</param>
/// <param name="HeldSince">Since when a transaction has held the horizon back; null when none does, or nobody may see it.</param>
internal sealed record Horizon(long Value, long Next, DateTimeOffset ServerTime, DateTimeOffset? HeldSince)
{
    /// <summary>Gets how long a transaction has held the horizon back; zero when none does.</summary>
    public TimeSpan Age => HeldSince is { } since && since < ServerTime ? ServerTime - since : TimeSpan.Zero;
}
