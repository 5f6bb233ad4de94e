namespace Agent.Sync.Stores;

/// <summary>Asks a local store for the server's rows that it holds, to compare them with the server.</summary>
/// <param name="Dataset">The dataset, prepared.</param>
/// <param name="Columns">The positions in <see cref="Dataset.Columns"/> of the columns that are compared; the key's are among them.</param>
/// <param name="After">What <see cref="KeptRows.Next"/> said of the page before; null from the start.</param>
/// <param name="Limit">The most rows to return, 1 or more. Only the last page may have none.</param>
public sealed record KeptRowsRequest(Dataset Dataset, IReadOnlyList<int> Columns, string? After, int Limit)
{
    /// <summary>Returns the dataset's name: where a page starts may be a row's key.</summary>
    /// <returns>A text without values.</returns>
    public override string ToString() => Dataset.Name;
}

/// <summary>A page of the server's rows that a local store holds.</summary>
/// <param name="Rows">The rows, in any order that lets every row that stays come exactly once.</param>
/// <param name="Next">Where the next page starts, in the store's own words; null at the end.</param>
/// <param name="Total">About how many rows there are, on the first page; null when the store does not know.</param>
public sealed record KeptRows(IReadOnlyList<KeptRow> Rows, string? Next, long? Total)
{
    /// <summary>Returns how many rows there are: where the next page starts may be a row's key.</summary>
    /// <returns>A text without values.</returns>
    public override string ToString() => $"{Rows.Count} rows";
}

/// <summary>What a local store holds of one row.</summary>
/// <param name="State">Whether it holds the row, and how.</param>
/// <param name="Row">
/// The server's row as far as the store knows it: a JSON object with at least the columns that were asked for, as the server writes them, or as they are found where they do not fit. For a row with a local edit this is the row that the edit started from, or a newer one that a sync has brought since. Empty where the store knows none.
/// </param>
public readonly record struct KeptRow(KeptRowState State, ReadOnlyMemory<byte> Row)
{
    /// <summary>Returns the state: a row's values are nobody's to print.</summary>
    /// <returns>The state's name.</returns>
    public override string ToString() => State.ToString();
}

/// <summary>How a local store holds a row of the server.</summary>
public enum KeptRowState
{
    /// <summary>It does not.</summary>
    Absent,

    /// <summary>In the local table, without a local edit.</summary>
    Stored,

    /// <summary>A local edit of its key is kept: waiting, in flight or in quarantine.</summary>
    Changed,

    /// <summary>Parked, because the local table refuses it; or the local table does not let it go although the server deleted it.</summary>
    Parked,
}

/// <summary>Local rows to remove because the server does not have them.</summary>
/// <param name="Dataset">The dataset.</param>
/// <param name="Keys">A page whose rows have the columns of the key. It is the store's to read until the task ends, and the engine's to dispose.</param>
/// <param name="Checkpoint">The checkpoint that goes with the removal; null when another store keeps it.</param>
public sealed record RowRemoval(Dataset Dataset, Page Keys, CheckpointWrite? Checkpoint);
