using Agent.Sync.Sqlite.Outbox;
using Agent.Sync.Sqlite.Schema;

namespace Agent.Sync.Sqlite.Applying;

/// <summary>The statements that read the server's rows that are stored. For aliases see <see cref="OutboxNames"/>.</summary>
internal sealed class KeptRowsSql
{
    private readonly OutboxNames _names;
    private readonly string[] _keys;
    private readonly string[] _columns;
    private readonly string _notChanged;

    /// <param name="dataset">The dataset.</param>
    /// <param name="columns">The columns that are read.</param>
    /// <param name="hasChanges">Whether the local table has changes.</param>
    public KeptRowsSql(Dataset dataset, IEnumerable<int> columns, bool hasChanges)
    {
        _names = new OutboxNames(dataset);
        _keys = [.. Names.Keys(dataset)];
        _columns = [.. columns.Select(ordinal => dataset.Columns[ordinal].LocalName)];
        _notChanged = hasChanges ? $"NOT EXISTS (SELECT 1 FROM {_names.Table} o WHERE {_names.IsAbout("o.", "t")})" : "1";
    }

    /// <summary>Gets the statement that reads rows without a change in the order of their keys: the columns, then the key. Parameters are a key's values, then the most rows.</summary>
    public string Rows(bool isFirst)
    {
        var keys = string.Join(", ", _keys.Select(static key => $"t.{Names.Quote(key)}"));
        var after = isFirst ? string.Empty : $" AND ({keys}) > ({string.Join(", ", _keys.Select(static (_, index) => $"?{index + 1}"))})";
        return $"SELECT {Local}, {keys} FROM {_names.Local} t WHERE {_notChanged}{after} ORDER BY {keys} LIMIT ?{_keys.Length + 1}";
    }

    /// <summary>Gets the statement that reads one row by its key.</summary>
    public string Row => $"SELECT {Local} FROM {_names.Local} t WHERE {HasKey("t.", Names.Quote)}";

    /// <summary>Gets the statement that removes one row without a change by its key.</summary>
    public string Remove => $"DELETE FROM {_names.Local} AS t WHERE {HasKey("t.", Names.Quote)} AND {_notChanged}";

    /// <summary>Gets the statement that reads what the changes know of the server's rows: the change, then the columns. Parameters are the change after which to go on, and the most rows.</summary>
    public string Changes => $"SELECT o.id, {Known} FROM {_names.Table} o WHERE o.id > ?1 AND {IsKnown} AND (o.state = {OutboxNames.InFlight} OR {_names.HasNoneInFlight("o.")}) ORDER BY o.id LIMIT ?2";

    /// <summary>Gets the statement that finds the change of a key: whether it knows the server's row, then the columns.</summary>
    public string Change => $"SELECT {IsKnown}, {Known} FROM {_names.Table} o WHERE {HasKey("o.", OutboxNames.Key)} ORDER BY o.state DESC LIMIT 1";

    private string Local => string.Join(", ", _columns.Select(static column => $"t.{Names.Quote(column)}"));

    private string Known => string.Join(", ", _columns.Select(column => _keys.Contains(column, StringComparer.OrdinalIgnoreCase)
        ? $"o.{OutboxNames.Key(column)}"
        : $"CASE WHEN o.has_server = {OutboxNames.ServerRow} THEN o.{OutboxNames.Server(column)} ELSE o.{OutboxNames.Base(column)} END"));

    private static string IsKnown => $"(o.has_server = {OutboxNames.ServerRow} OR (o.has_server = 0 AND o.has_base = 1))";

    private string HasKey(string alias, Func<string, string> name) => string.Join(" AND ", _keys.Select((key, index) => $"{alias}{name(key)} = ?{index + 1} COLLATE BINARY"));
}
