namespace Agent.Sync;

/// <summary>Builds a <see cref="Dataset"/>. Not safe for concurrent use.</summary>
public sealed class DatasetBuilder
{
    /// <summary>SQLite allows 2,000 columns in a table or a result, and an edit needs two for each column of the dataset.</summary>
    private const int MaxColumns = 900;

    private readonly DatasetDefinition _definition;

    internal DatasetBuilder(string remoteTable)
    {
        Identifier.Require(remoteTable, nameof(remoteTable));
        _definition = new DatasetDefinition { Name = remoteTable, RemoteTable = remoteTable, LocalTable = remoteTable };
    }

    /// <summary>Names the dataset for the app, progress and metrics. The default is the remote table's name.</summary>
    /// <param name="name">An identifier.</param>
    /// <returns>This builder.</returns>
    public DatasetBuilder Named(string name)
    {
        Identifier.Require(name, nameof(name));
        _definition.Name = name;
        return this;
    }

    /// <summary>Names the PostgreSQL schema. The default is <c>public</c>.</summary>
    /// <param name="schema">An identifier; the API must expose the schema.</param>
    /// <returns>This builder.</returns>
    public DatasetBuilder InSchema(string schema)
    {
        Identifier.Require(schema, nameof(schema));
        _definition.Schema = schema;
        return this;
    }

    /// <summary>Names the local table. The default is the remote table's name.</summary>
    /// <param name="table">An identifier.</param>
    /// <returns>This builder.</returns>
    public DatasetBuilder ToTable(string table)
    {
        Identifier.Require(table, nameof(table));
        _definition.LocalTable = table;
        return this;
    }

    /// <summary>Adds a key column. Call it once per column of a composite key, in key order.</summary>
    /// <param name="name">An identifier.</param>
    /// <param name="type">Text, Uuid or Integer: types with a total order and an exact text form.</param>
    /// <param name="local">The column's name in the local table, an identifier; null, the default, for the same name.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">The type cannot be a key, or the column or its local name is already declared.</exception>
    public DatasetBuilder Key(string name, ColumnType type, string? local = null)
    {
        if (type is not (ColumnType.Text or ColumnType.Uuid or ColumnType.Integer))
        {
            throw new ArgumentException($"Column '{name}' of type {type} cannot be a key: use Text, Uuid or Integer.", nameof(type));
        }

        _definition.KeyOrdinals.Add(Add(name, type, local));
        return this;
    }

    /// <summary>Adds a column.</summary>
    /// <param name="name">An identifier.</param>
    /// <param name="type">How PostgREST formats the column and how the local store keeps it.</param>
    /// <param name="local">The column's name in the local table, an identifier; null, the default, for the same name.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">The column or its local name is already declared.</exception>
    public DatasetBuilder Column(string name, ColumnType type, string? local = null)
    {
        Add(name, type, local);
        return this;
    }

    /// <summary>Adds the update timestamp (<c>timestamptz not null</c>, set by the server on every write) that orders deltas.</summary>
    /// <param name="name">An identifier.</param>
    /// <param name="local">The column's name in the local table, an identifier; null, the default, for the same name.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">An UpdatedAt column, this column or its local name is already declared.</exception>
    public DatasetBuilder UpdatedAt(string name, string? local = null)
    {
        if (_definition.CursorOrdinal >= 0)
        {
            throw new ArgumentException("A dataset has one UpdatedAt column, and it is already declared.", nameof(name));
        }

        _definition.CursorOrdinal = Add(name, ColumnType.Timestamptz, local);
        return this;
    }

    /// <summary>Adds the version column: an integer that the server raises on every write of the row.</summary>
    /// <param name="name">An identifier.</param>
    /// <param name="local">The column's name in the local table, an identifier; null, the default, for the same name.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">A version column, this column or its local name is already declared.</exception>
    public DatasetBuilder Version(string name, string? local = null)
    {
        if (_definition.VersionOrdinal is not null)
        {
            throw new ArgumentException("A dataset has one version column; it is declared already.", nameof(name));
        }

        _definition.VersionOrdinal = Add(name, ColumnType.Integer, local);
        return this;
    }

    /// <summary>Adds the soft-deletion timestamp: null while the row lives.</summary>
    /// <param name="name">An identifier.</param>
    /// <param name="handling">What a set deletion time does to the local row.</param>
    /// <param name="local">The column's name in the local table, an identifier; null, the default, for the same name.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">A deletion column, this column or its local name is already declared.</exception>
    public DatasetBuilder DeletedAt(string name, DeleteHandling handling = DeleteHandling.Remove, string? local = null)
    {
        if (_definition.DeletedOrdinal is not null)
        {
            throw new ArgumentException("A dataset has one deletion column; it is declared already.", nameof(name));
        }

        _definition.DeletedOrdinal = Add(name, ColumnType.Timestamptz, local);
        _definition.DeleteHandling = handling;
        return this;
    }

    /// <summary>Names declared columns that only the server writes, such as a generated column. They are pulled and never pushed. The UpdatedAt and version columns are treated like this anyway.</summary>
    /// <param name="names">Declared columns, not the key's.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">A column is not declared, or belongs to the key.</exception>
    public DatasetBuilder ServerOwned(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            var ordinal = _definition.Columns.FindIndex(column => string.Equals(column.Name, name, StringComparison.Ordinal));
            if (ordinal < 0 || _definition.KeyOrdinals.Contains(ordinal))
            {
                throw new ArgumentException(
                    ordinal < 0 ? $"Column '{name}' is not declared: declare it before ServerOwned." : $"Column '{name}' belongs to the key, which the device writes.",
                    nameof(names));
            }

            _definition.ServerOwned.Add(name);
        }

        return this;
    }

    /// <summary>Says who wins a conflict in this dataset. The default is <see cref="PushOptions.ConflictPolicy"/>.</summary>
    /// <param name="policy"><see cref="ConflictPolicy.ServerWins"/> or <see cref="ConflictPolicy.LocalWins"/>; for a resolver give the resolver itself.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The policy is neither of the two.</exception>
    public DatasetBuilder OnConflict(ConflictPolicy policy)
    {
        if (policy is not (ConflictPolicy.ServerWins or ConflictPolicy.LocalWins))
        {
            throw new ArgumentOutOfRangeException(nameof(policy), policy, "Give ServerWins or LocalWins, or the resolver itself.");
        }

        (_definition.ConflictPolicy, _definition.ConflictResolver) = (policy, null);
        return this;
    }

    /// <summary>Lets the app decide this dataset's conflicts, whatever <see cref="PushOptions.ConflictPolicy"/> says.</summary>
    /// <param name="resolver">Called for one conflict at a time; see <see cref="PushOptions.ConflictResolver"/>.</param>
    /// <returns>This builder.</returns>
    public DatasetBuilder OnConflict(Func<Conflict, CancellationToken, ValueTask<ConflictDecision>> resolver)
    {
        ArgumentNullException.ThrowIfNull(resolver);
        (_definition.ConflictPolicy, _definition.ConflictResolver) = (ConflictPolicy.Resolver, resolver);
        return this;
    }

    /// <summary>Adds a condition that every row meets.</summary>
    /// <param name="column">The remote column.</param>
    /// <param name="filterOperator">The comparison.</param>
    /// <param name="value">The value, in PostgreSQL's text form.</param>
    /// <returns>This builder.</returns>
    public DatasetBuilder Where(string column, FilterOperator filterOperator, string value)
    {
        Identifier.Require(column, nameof(column));
        ArgumentNullException.ThrowIfNull(value);
        _definition.Filters.Add(new DatasetFilter(column, filterOperator, value));
        return this;
    }

    /// <summary>Finishes the definition.</summary>
    /// <returns>The dataset.</returns>
    /// <exception cref="InvalidOperationException">The key or the UpdatedAt column is missing, or there are more than 900 columns.</exception>
    public Dataset Build()
    {
        if (_definition.KeyOrdinals.Count == 0)
        {
            throw new InvalidOperationException($"Dataset '{_definition.Name}' has no key: call Key(name, type).");
        }

        if (_definition.CursorOrdinal < 0)
        {
            throw new InvalidOperationException($"Dataset '{_definition.Name}' has no UpdatedAt column: call UpdatedAt(name) with its update timestamp.");
        }

        if (_definition.Columns.Count > MaxColumns)
        {
            throw new InvalidOperationException(
                $"Dataset '{_definition.Name}' has {_definition.Columns.Count} columns, but may have {MaxColumns} at most: leave out those that the app does not need, or make two datasets of them over two views.");
        }

        return new Dataset(_definition);
    }

    /// <summary>Finishes the definition where a dataset is expected, as <see cref="Build"/> does.</summary>
    /// <param name="builder">The builder.</param>
    /// <exception cref="InvalidOperationException">As for <see cref="Build"/>.</exception>
    public static implicit operator Dataset(DatasetBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Build();
    }

    private int Add(string name, ColumnType type, string? local)
    {
        Identifier.Require(name, nameof(name));
        Identifier.Require(local ?? name, nameof(local));
        if (_definition.Columns.Exists(column => string.Equals(column.Name, name, StringComparison.OrdinalIgnoreCase)))
        {
            throw new ArgumentException($"Column '{name}' is declared twice (SQLite does not tell case apart).", nameof(name));
        }

        var column = new DatasetColumn(name, type) { LocalName = local ?? name };
        RequireFreeLocalName(column);
        if (!Enum.IsDefined(type))
        {
            throw new ArgumentOutOfRangeException(nameof(type));
        }

        _definition.Columns.Add(column);
        return _definition.Columns.Count - 1;
    }

    private void RequireFreeLocalName(DatasetColumn column)
    {
        if (_definition.Columns.Find(other => IsSame(other.LocalName, column.LocalName)) is { } other)
        {
            throw new ArgumentException(
                $"Columns '{other.Name}' and '{column.Name}' have the same local name '{column.LocalName}' (SQLite does not tell case apart): give one of them another.", nameof(column));
        }

        if (IsSame(column.LocalName, Dataset.SequenceColumn) && !IsSame(column.Name, Dataset.SequenceColumn))
        {
            throw new ArgumentException($"The local name '{column.LocalName}' of column '{column.Name}' is kept for the column that the SQL kit adds: give it another.", nameof(column));
        }

        static bool IsSame(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
    }
}
