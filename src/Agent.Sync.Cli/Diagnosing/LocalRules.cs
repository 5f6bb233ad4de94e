using Agent.Sync.Cli.Discovery;
using Microsoft.Data.Sqlite;

namespace Agent.Sync.Cli.Diagnosing;

/// <summary>Compares the rules of a local table with the server's: a stricter one parks rows.</summary>
internal static class LocalRules
{
    /// <summary>Finds the local rules that the server does not have; null when the file is not there.</summary>
    public static async Task<Finding?> CompareAsync(string database, Dataset dataset, CatalogTable table, TableFacts facts, CancellationToken cancellationToken)
    {
        if (!File.Exists(database))
        {
            return null;
        }

        await using SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = database, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        await connection.OpenAsync(cancellationToken);
        var required = await ReadAsync(connection, dataset, """select name from pragma_table_xinfo($table) where "notnull" and pk = 0 and hidden = 0""", cancellationToken);
        var unique = await ReadAsync(connection, dataset, """select (select group_concat(c.name, ',') from pragma_index_xinfo(i.name) c where c.key) from pragma_index_list($table) i where i."unique" and not i.partial""", cancellationToken);
        var remote = dataset.Columns.ToDictionary(static column => column.LocalName, static column => column.Name, StringComparer.OrdinalIgnoreCase);
        var neverNull = table.Columns.Where(static column => column.IsNotNull).Select(static column => column.Name).ToHashSet(StringComparer.Ordinal);
        string[] stricter =
        [
            .. required.Where(name => remote.TryGetValue(name, out var column) && !neverNull.Contains(column)).Select(static name => $"NOT NULL on {name}"),
            .. unique.Select(static names => names.Split(',')).Where(names => names.All(remote.ContainsKey) && !facts.UniqueColumns.Any(index => index.All(column => names.Any(name => remote[name] == column)))).Select(static names => $"UNIQUE on ({string.Join(", ", names)})"),
        ];
        return stricter.Length == 0
            ? new Finding { Code = FindingCodes.LocalRules, Severity = FindingSeverity.Ok, Dataset = dataset.Name, What = "The server has the NOT NULL and UNIQUE rules of the local table too." }
            : new Finding
            {
                Code = FindingCodes.LocalRules,
                Severity = FindingSeverity.Warning,
                Dataset = dataset.Name,
                What = $"The local table is stricter than the server: {string.Join("; ", stricter)}.",
                Why = "A row of the server that breaks such a rule is parked, and not in the local table.",
                Mend = "Take the rule out of the local table, or add it on the server.",
            };
    }

    private static async Task<List<string>> ReadAsync(SqliteConnection connection, Dataset dataset, string sql, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are this file's own.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.Parameters.AddWithValue("$table", dataset.LocalTable);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<string> names = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            if (!await reader.IsDBNullAsync(0, cancellationToken))
            {
                names.Add(reader.GetString(0));
            }
        }

        return names;
    }
}
