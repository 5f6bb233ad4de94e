using System.Text;

namespace Agent.Sync;

/// <summary>One remote table (columns, key, cursor column, optional filter) mapped to one local table.</summary>
/// <remarks>Immutable and safe for concurrent use. Made by <see cref="Define"/>, which checks every name.</remarks>
public sealed class Dataset
{
    internal Dataset(DatasetDefinition definition)
    {
        Name = definition.Name;
        Schema = definition.Schema;
        RemoteTable = definition.RemoteTable;
        LocalTable = definition.LocalTable;
        Columns = Array.AsReadOnly(definition.Columns.ToArray());
        KeyOrdinals = Array.AsReadOnly(definition.KeyOrdinals.ToArray());
        CursorOrdinal = definition.CursorOrdinal;
        VersionOrdinal = definition.VersionOrdinal;
        DeletedOrdinal = definition.DeletedOrdinal;
        DeleteHandling = definition.DeleteHandling;
        Filters = Array.AsReadOnly(definition.Filters.ToArray());
        ColumnNamesUtf8 = [.. Columns.Select(static column => Encoding.UTF8.GetBytes(column.Name))];
    }

    /// <summary>Gets the name the app uses for this dataset; the remote table's name unless given.</summary>
    public string Name { get; }

    /// <summary>Gets the PostgreSQL schema, sent as <c>Accept-Profile</c>. The default is <c>public</c>.</summary>
    public string Schema { get; }

    /// <summary>Gets the remote table or view.</summary>
    public string RemoteTable { get; }

    /// <summary>Gets the local table; the remote table's name unless given.</summary>
    public string LocalTable { get; }

    /// <summary>Gets the columns, in the order in which they are asked for.</summary>
    public IReadOnlyList<DatasetColumn> Columns { get; }

    /// <summary>Gets the positions in <see cref="Columns"/> of the key's columns, in key order. Never empty.</summary>
    public IReadOnlyList<int> KeyOrdinals { get; }

    /// <summary>Gets the position in <see cref="Columns"/> of the update timestamp that orders deltas.</summary>
    public int CursorOrdinal { get; }

    /// <summary>Gets the position of the version column, or null when the cursor column is the version.</summary>
    public int? VersionOrdinal { get; }

    /// <summary>Gets the position of the deletion timestamp, or null when rows are never soft-deleted.</summary>
    public int? DeletedOrdinal { get; }

    /// <summary>Gets what a soft delete does to the local row. The default is <see cref="DeleteHandling.Remove"/>.</summary>
    public DeleteHandling DeleteHandling { get; }

    /// <summary>Gets the conditions every row meets; all must hold. Empty by default.</summary>
    public IReadOnlyList<DatasetFilter> Filters { get; }

    internal byte[][] ColumnNamesUtf8 { get; }

    /// <summary>Starts the definition of a dataset.</summary>
    /// <param name="remoteTable">The remote table or view: letters, digits, <c>_</c> or <c>$</c>, at most 63, not starting with a digit.</param>
    /// <returns>A builder; finish it with <see cref="DatasetBuilder.Build"/>.</returns>
    /// <exception cref="ArgumentException">The name is not such an identifier.</exception>
    public static DatasetBuilder Define(string remoteTable) => new(remoteTable);

    /// <summary>Returns <see cref="Name"/>.</summary>
    /// <returns>The dataset's name.</returns>
    public override string ToString() => Name;
}
