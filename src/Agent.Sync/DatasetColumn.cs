namespace Agent.Sync;

/// <summary>One column of a <see cref="Dataset"/>.</summary>
/// <param name="Name">The column's name on the server, and for the app: in pages, changes, conflicts and messages.</param>
/// <param name="Type">How PostgREST formats the column and how the local store keeps it.</param>
public sealed record DatasetColumn(string Name, ColumnType Type)
{
    /// <summary>Gets the column's name in the local table. The default is <see cref="Name"/>.</summary>
    /// <value>An identifier, for a store that keeps rows in tables. It is not part of a checkpoint's scope.</value>
    public string LocalName { get; init; } = Name;
}
