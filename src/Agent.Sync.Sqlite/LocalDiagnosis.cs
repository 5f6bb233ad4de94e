using System.Text.RegularExpressions;
using Agent.Sync.Sqlite.Bookkeeping;
using Agent.Sync.Sqlite.Configuration;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Outbox;
using Agent.Sync.Sqlite.Schema;

namespace Agent.Sync.Sqlite;

/// <summary>Looks at one local table as a sync would use it. Only reads.</summary>
internal sealed partial class LocalDiagnosis(SqliteDatabase database, CheckedOptions options, Dataset dataset)
{
    public IEnumerable<Finding> Run()
    {
        if (LocalTable.Read(database, dataset.LocalTable) is not { } table)
        {
            yield return options.CreateMissingTables
                ? Ok(FindingCodes.LocalTable, "The local table is not there yet: the first sync makes it.")
                : Found(FindingCodes.LocalTable, FindingSeverity.Error, $"There is no local table '{dataset.LocalTable}', and CreateMissingTables is off.", "Every run of the dataset fails.", "Create the table, such as by the app's migrations, before the first sync.");
            yield break;
        }

        if (FindFault(table) is { } fault)
        {
            yield return Found(FindingCodes.LocalTable, FindingSeverity.Error, fault.Message, "Every run of the dataset fails, and changes nothing.", mend: null);
            yield break;
        }

        string[] missing = [.. dataset.Columns.Select(static column => column.LocalName).Where(name => table.Find(name) is null)];
        yield return Ok(FindingCodes.LocalTable, missing.Length == 0
            ? "The local table has the dataset's columns, with fitting types."
            : $"The local table fits; the next sync adds {string.Join(", ", missing)} and reads all rows again.");
        foreach (var finding in Rules(table).Concat(Recording()))
        {
            yield return finding;
        }
    }

    private SyncSchemaException? FindFault(LocalTable table)
    {
        try
        {
            new SchemaPreparer(database, options).Check(dataset, table);
            return null;
        }
        catch (SyncSchemaException fault)
        {
            return fault;
        }
    }

    /// <summary>What of the app's own may refuse or change a row of the server.</summary>
    private IEnumerable<Finding> Rules(LocalTable table)
    {
        List<string> rules = [];
        var required = ReadNames("""SELECT name FROM pragma_table_xinfo(?1) WHERE "notnull" AND hidden = 0""").Intersect(Refusable(), StringComparer.OrdinalIgnoreCase).ToArray();
        if (required.Length > 0)
        {
            rules.Add($"NOT NULL on {string.Join(", ", required)}");
        }

        rules.AddRange(table.UniqueIndexes.Where(index => !index.IsWholeAndBinary(Names.Keys(dataset))).Select(static index => $"UNIQUE on ({string.Join(", ", index.Columns.Select(static column => column.Name))})"));
        if (ReadNames("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE").Any(static sql => CheckWord().IsMatch(sql)))
        {
            rules.Add("CHECK");
        }

        if (rules.Count > 0)
        {
            yield return new Finding
            {
                Code = FindingCodes.LocalRules,
                Severity = FindingSeverity.Unknown,
                Dataset = dataset.Name,
                What = $"The local table has rules of its own: {string.Join("; ", rules)}. A row of the server that breaks one is parked. Whether the server has the same rules shows only in its catalog.",
            };
        }

        string[] writing = [.. ReadTriggers().Where(trigger => WritesTo(trigger.Sql)).Select(static trigger => trigger.Name)];
        if (writing.Length > 0)
        {
            yield return Found(
                FindingCodes.LocalRules,
                FindingSeverity.Warning,
                $"Triggers of your own write into the local table: {string.Join(", ", writing)}.",
                "They fire for the rows of a sync too. What they write then stays local: the row differs from the server's until its next version.",
                "Let a trigger on the server derive such values, or add WHEN conditions that leave the rows of a sync alone.");
        }
        else if (rules.Count == 0)
        {
            yield return Ok(FindingCodes.LocalRules, "No rule of the local table refuses or changes rows.");
        }
    }

    private IEnumerable<Finding> Recording()
    {
        if (!options.RecordChanges)
        {
            yield return Ok(FindingCodes.Recording, "Local edits are not recorded (RecordChanges is off): the table is only pulled into.");
            yield break;
        }

        var known = OutboxRegistry.Read(database, dataset.LocalTable);
        var isWhole = ReadNames($"SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE AND substr(name, 1, {Names.Prefix.Length}) = '{Names.Prefix}'").Count >= TriggerSql.Count;
        if (known is null)
        {
            yield return Ok(FindingCodes.Recording, "Local edits are recorded from the first sync on.");
        }
        else if (isWhole && known == RecordingGap.None)
        {
            yield return Ok(FindingCodes.Recording, "Local edits are recorded.");
        }
        else
        {
            yield return Found(
                FindingCodes.Recording,
                FindingSeverity.Warning,
                isWhole ? "Edits were not recorded for a while, because the triggers were gone." : "The triggers that record local edits are gone: the table was rebuilt, or somebody dropped them.",
                "Edits made meanwhile are found by comparing all rows with the server's, which takes a resync.",
                "Sync: the next run puts the triggers back and compares. Let migrations that rebuild the table run before the first sync of the app's start.");
        }
    }

    /// <summary>The columns that may be NULL in a row of the server: the others every row has.</summary>
    private IEnumerable<string> Refusable()
    {
        int[] present = [.. dataset.KeyOrdinals, dataset.CursorOrdinal, dataset.VersionOrdinal ?? dataset.CursorOrdinal];
        return dataset.Columns.Where((_, ordinal) => !present.Contains(ordinal)).Select(static column => column.LocalName);
    }

    private bool WritesTo(string sql) =>
        Regex.IsMatch(sql, $@"\b(?:UPDATE|INTO)\s+(?:OR\s+\w+\s+)?[""\[`']?{Regex.Escape(dataset.LocalTable)}\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    private List<string> ReadNames(string sql)
    {
        using var statement = database.Prepare(sql);
        statement.Bind(1, dataset.LocalTable);
        List<string> names = [];
        while (statement.Step())
        {
            names.Add(statement.Text(0));
        }

        return names;
    }

    private List<(string Name, string Sql)> ReadTriggers()
    {
        using var statement = database.Prepare($"SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE AND substr(name, 1, {Names.Prefix.Length}) <> '{Names.Prefix}' ORDER BY name");
        statement.Bind(1, dataset.LocalTable);
        List<(string, string)> triggers = [];
        while (statement.Step())
        {
            triggers.Add((statement.Text(0), statement.Text(1)));
        }

        return triggers;
    }

    private Finding Ok(string code, string what) => new() { Code = code, Severity = FindingSeverity.Ok, Dataset = dataset.Name, What = what };

    private Finding Found(string code, FindingSeverity severity, string what, string why, string? mend) =>
        new() { Code = code, Severity = severity, Dataset = dataset.Name, What = what, Why = why, Mend = mend };

    [GeneratedRegex(@"\bCHECK\s*\(", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex CheckWord();
}
