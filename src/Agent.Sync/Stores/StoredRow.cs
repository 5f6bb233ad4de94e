namespace Agent.Sync.Stores;

/// <summary>What a local store has of one key. Immutable.</summary>
/// <param name="Row">The local row as a UTF-8 JSON object with the dataset's columns that the local table has, by their remote names; empty when there is no such row.</param>
/// <param name="Changes">The changes of the key, in queue order; empty for none.</param>
public sealed record StoredRow(ReadOnlyMemory<byte> Row, IReadOnlyList<LocalChange> Changes)
{
    /// <summary>Gets the server's row that the first change started from, as <see cref="Row"/>; empty for none.</summary>
    public ReadOnlyMemory<byte> Base { get; init; }

    /// <summary>Gets the server's row that the local table refuses; null for none.</summary>
    public ParkedRow? Parked { get; init; }

    // A record would print its rows.
    /// <summary>Returns how many changes there are.</summary>
    /// <returns>A text without values.</returns>
    public override string ToString() => $"{(Row.IsEmpty ? "No row" : "A row")}, changes: {Changes.Count}";
}
