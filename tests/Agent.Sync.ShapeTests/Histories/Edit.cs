using Agent.Sync.ShapeTests.Oracles;

namespace Agent.Sync.ShapeTests.Histories;

/// <summary>What one transaction of a device's app did to a row, as a compare of the table before and after it tells.</summary>
/// <param name="Device">The device, from 1.</param>
/// <param name="Step">The step of the history.</param>
/// <param name="Table">The table's name.</param>
/// <param name="Key">The row's key.</param>
/// <param name="Old">The row before; null for an insert.</param>
/// <param name="New">The row after; null for a delete.</param>
/// <param name="After">The server's last change when the edit was made.</param>
/// <param name="Known">The server's last change that the device may have known of.</param>
internal sealed record Edit(int Device, int Step, string Table, string Key, Row? Old, Row? New, long After, long Known)
{
    /// <summary>Gets whether the table's triggers were gone when it was made.</summary>
    public bool IsUnrecorded { get; init; }

    /// <summary>Gets or sets the server's last change when the user discarded the row's changes; null while the edit stands. What had arrived by then was asked for.</summary>
    public long? DiscardedAfter { get; set; }

    /// <summary>Gets the columns whose value need not arrive: they were new to the dataset, or the app took them away before it was sent.</summary>
    public HashSet<string> Forgotten { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Gets the columns whose value the edit changed; of an insert those that it set.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Changed => New is null
        ? []
        : New.Where(pair => Old is null ? pair.Value is not null : Old.TryGetValue(pair.Key, out var old) && old != pair.Value);

    public override string ToString() => $"device {Device}, step {Step}: {(Old is null ? "insert" : New is null ? "delete" : "update")} {Table} {Key}{(New is null ? "" : " set " + string.Join(", ", Changed.Select(static pair => $"{pair.Key}={Row.Show(pair.Value)}")))}";
}
