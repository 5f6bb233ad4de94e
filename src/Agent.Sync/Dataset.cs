using System.Text;

namespace Agent.Sync;

/// <summary>One remote table (columns, key, UpdatedAt column, optional filter) mapped to one local table.</summary>
/// <remarks>Immutable and safe for concurrent use. <see cref="Define"/> starts a definition and checks every name.</remarks>
public sealed class Dataset
{
    /// <summary>The column that the SQL kit adds to a table and stamps on every write.</summary>
    internal const string SequenceColumn = "sync_seq";

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
        ConflictPolicy = definition.ConflictPolicy;
        ConflictResolver = definition.ConflictResolver;
        Filters = Array.AsReadOnly(definition.Filters.ToArray());
        PushedOrdinals = OrdinalsToPush(definition).AsReadOnly();
        ColumnNamesUtf8 = [.. Columns.Select(static column => Encoding.UTF8.GetBytes(column.Name))];
    }

    /// <summary>Gets the dataset's name for the app. The default is the remote table's name.</summary>
    public string Name { get; }

    /// <summary>Gets the PostgreSQL schema, sent as <c>Accept-Profile</c>. The default is <c>public</c>.</summary>
    public string Schema { get; }

    /// <summary>Gets the remote table or view.</summary>
    public string RemoteTable { get; }

    /// <summary>Gets the local table. The default is the remote table's name.</summary>
    public string LocalTable { get; }

    /// <summary>Gets the columns, in the order in which they are requested.</summary>
    public IReadOnlyList<DatasetColumn> Columns { get; }

    /// <summary>Gets the positions in <see cref="Columns"/> of the key's columns, in key order. Never empty.</summary>
    public IReadOnlyList<int> KeyOrdinals { get; }

    /// <summary>Gets the position in <see cref="Columns"/> of the update timestamp that orders deltas.</summary>
    public int CursorOrdinal { get; }

    /// <summary>Gets the position of the version column, or null when the UpdatedAt column is the version.</summary>
    public int? VersionOrdinal { get; }

    /// <summary>Gets the position of the deletion timestamp, or null when rows are never soft-deleted.</summary>
    public int? DeletedOrdinal { get; }

    /// <summary>Gets what a soft delete does to the local row. The default is <see cref="DeleteHandling.Remove"/>.</summary>
    public DeleteHandling DeleteHandling { get; }

    /// <summary>Gets who wins a conflict in this dataset. Null, the default, means <see cref="PushOptions.ConflictPolicy"/>.</summary>
    public ConflictPolicy? ConflictPolicy { get; }

    /// <summary>Gets what decides this dataset's conflicts, if its policy is <see cref="Agent.Sync.ConflictPolicy.Resolver"/>; else null.</summary>
    public Func<Conflict, CancellationToken, ValueTask<ConflictDecision>>? ConflictResolver { get; }

    /// <summary>Gets the filter: conditions that every row meets. Empty by default.</summary>
    public IReadOnlyList<DatasetFilter> Filters { get; }

    /// <summary>
    /// Gets the positions in <see cref="Columns"/> of the columns that a push may send, including the key's. Columns that only the server writes are
    /// not among them: the update timestamp, the version, and those declared with <see cref="DatasetBuilder.ServerOwned"/>.
    /// </summary>
    public IReadOnlyList<int> PushedOrdinals { get; }

    internal byte[][] ColumnNamesUtf8 { get; }

    /// <summary>Starts the definition of a dataset.</summary>
    /// <param name="remoteTable">The remote table or view: letters, digits, <c>_</c> or <c>$</c>, at most 63, not starting with a digit.</param>
    /// <returns>A builder; finish it with <see cref="DatasetBuilder.Build"/>.</returns>
    /// <exception cref="ArgumentException">The name is not such an identifier.</exception>
    public static DatasetBuilder Define(string remoteTable) => new(remoteTable);

    /// <summary>Returns the dataset with the kit's sequence column, which takes the place of update timestamp and version. Every other column stays.</summary>
    internal Dataset WithSequence()
    {
        var definition = ToDefinition(Columns);
        var sequence = definition.Columns.FindIndex(static column => string.Equals(column.Name, SequenceColumn, StringComparison.OrdinalIgnoreCase));
        if (sequence < 0)
        {
            definition.Columns.Add(new DatasetColumn(SequenceColumn, ColumnType.Integer));
            sequence = definition.Columns.Count - 1;
        }

        definition.CursorOrdinal = sequence;
        definition.VersionOrdinal = null;
        return new Dataset(definition);
    }

    /// <summary>Returns the dataset with some of its columns, in the order given; the key's and the cursor are among them.</summary>
    internal Dataset WithColumns(IReadOnlyList<int> ordinals)
    {
        var definition = new DatasetDefinition { Name = Name, RemoteTable = RemoteTable, LocalTable = LocalTable, Schema = Schema, DeleteHandling = DeleteHandling };
        definition.Columns.AddRange(ordinals.Select(ordinal => Columns[ordinal]));
        definition.KeyOrdinals.AddRange(KeyOrdinals.Select(IndexOf));
        definition.CursorOrdinal = IndexOf(CursorOrdinal);
        definition.Filters.AddRange(Filters);
        return new Dataset(definition);

        int IndexOf(int ordinal) => ordinals.Index().First(item => item.Item == ordinal).Index;
    }

    /// <summary>
    /// Returns the dataset of the tombstones that belong to this one. A filter on a column that the tombstones lack is left out: the tombstone of a row outside the filter
    /// finds no local row.
    /// </summary>
    internal Dataset WithTombstones(string schema, string table, IReadOnlyList<string>? remoteColumns)
    {
        var definition = new DatasetDefinition { Name = Name, RemoteTable = table, LocalTable = LocalTable, Schema = schema };
        foreach (var ordinal in KeyOrdinals)
        {
            definition.KeyOrdinals.Add(definition.Columns.Count);
            definition.Columns.Add(Columns[ordinal]);
        }

        definition.CursorOrdinal = definition.Columns.Count;
        definition.Columns.Add(Columns[CursorOrdinal]);
        definition.Filters.AddRange(Filters.Where(filter => remoteColumns?.Contains(filter.Column, StringComparer.Ordinal) != false));
        return new Dataset(definition);
    }

    /// <summary>Returns <see cref="Name"/>.</summary>
    /// <returns>The dataset's name.</returns>
    public override string ToString() => Name;

    private static List<int> OrdinalsToPush(DatasetDefinition definition)
    {
        var ordinals = new List<int>();
        for (var ordinal = 0; ordinal < definition.Columns.Count; ordinal++)
        {
            if (!IsServerOwned(definition, ordinal))
            {
                ordinals.Add(ordinal);
            }
        }

        return ordinals;
    }

    private static bool IsServerOwned(DatasetDefinition definition, int ordinal) =>
        ordinal == definition.CursorOrdinal
        || ordinal == definition.VersionOrdinal
        || definition.ServerOwned.Contains(definition.Columns[ordinal].Name);

    private DatasetDefinition ToDefinition(IEnumerable<DatasetColumn> columns)
    {
        var definition = new DatasetDefinition
        {
            Name = Name,
            RemoteTable = RemoteTable,
            LocalTable = LocalTable,
            Schema = Schema,
            CursorOrdinal = CursorOrdinal,
            VersionOrdinal = VersionOrdinal,
            DeletedOrdinal = DeletedOrdinal,
            DeleteHandling = DeleteHandling,
            ConflictPolicy = ConflictPolicy,
            ConflictResolver = ConflictResolver,
        };
        definition.Columns.AddRange(columns);
        definition.KeyOrdinals.AddRange(KeyOrdinals);
        definition.Filters.AddRange(Filters);
        for (var ordinal = 0; ordinal < Columns.Count; ordinal++)
        {
            if (!PushedOrdinals.Contains(ordinal))
            {
                definition.ServerOwned.Add(Columns[ordinal].Name);
            }
        }

        return definition;
    }
}
