namespace Agent.Sync;

/// <summary>One column of a <see cref="Dataset"/>.</summary>
/// <param name="Name">The column's name, the same on both sides.</param>
/// <param name="Type">How the column is rendered and kept.</param>
public sealed record DatasetColumn(string Name, ColumnType Type);
