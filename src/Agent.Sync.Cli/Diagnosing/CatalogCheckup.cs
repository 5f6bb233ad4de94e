using Agent.Sync.Cli.Discovery;

namespace Agent.Sync.Cli.Diagnosing;

/// <summary>What the catalog of the database says of a dataset: what a client cannot see.</summary>
internal sealed class CatalogCheckup(Dataset dataset, Catalog catalog, TableFacts facts)
{
    private const string Role = "authenticated";

    private static readonly string[] Needed = ["select", "insert", "update", "delete"];

    /// <summary>pg_policy's letters for these.</summary>
    private static readonly string[] Commands = ["r", "a", "w", "d"];

    private readonly string _name = $"\"{dataset.Schema}\".\"{dataset.RemoteTable}\"";

    private readonly string[] _key = [.. dataset.KeyOrdinals.Select(ordinal => dataset.Columns[ordinal].Name)];

    private readonly string _updatedAt = dataset.Columns[dataset.CursorOrdinal].Name;

    public IEnumerable<Finding> Run()
    {
        if (catalog.Tables.FirstOrDefault(table => table.Schema == dataset.Schema && table.Name == dataset.RemoteTable) is not { } table)
        {
            yield return facts.Kind is null
                ? Found(FindingCodes.Table, FindingSeverity.Error, $"The database has no table {dataset.Schema}.{dataset.RemoteTable}.", "Every run of the dataset fails.", "Create the table, or correct its name or schema in the dataset.")
                : Found(FindingCodes.Table, FindingSeverity.Unknown, "It is no table of its own (a view, a partition or a foreign table): look at the tables that it reads from.", why: null, mend: null);
            yield break;
        }

        foreach (var finding in Columns(table).Concat(Key(table)).Concat(Order(table)).Concat(Access(table)).Concat(Grants()).Concat(Kit(table)))
        {
            yield return finding;
        }
    }

    private IEnumerable<Finding> Columns(CatalogTable table)
    {
        var columns = table.Columns.ToDictionary(static column => column.Name, StringComparer.Ordinal);
        string[] missing = [.. dataset.Columns.Select(static column => column.Name).Concat(dataset.Filters.Select(static filter => filter.Column)).Where(name => !columns.ContainsKey(name)).Distinct(StringComparer.Ordinal)];
        yield return missing.Length == 0
            ? Ok(FindingCodes.Columns, "Every column of the dataset is in the catalog.")
            : Found(FindingCodes.Columns, FindingSeverity.Error, $"The table lacks {string.Join(", ", missing)}.", "Every run of the dataset fails.", "Add what is missing, or take it out of the dataset.");
        DatasetColumn[] others = [.. dataset.Columns.Where(column => columns.TryGetValue(column.Name, out var found) && found.Type is { } type && !Fits(column.Type, type))];
        yield return others.Length == 0
            ? Ok(FindingCodes.Types, "The columns have the declared types.")
            : Found(
                FindingCodes.Types,
                FindingSeverity.Error,
                $"Columns have other types than the dataset declares: {string.Join(", ", others.Select(column => $"{column.Name} is {columns[column.Name].DatabaseType}, not {column.Type}"))}.",
                "A run fails at the first value that does not fit, or values lose digits.",
                "Declare the types as they are: agent-sync init, or scaffold, writes them.");
    }

    private IEnumerable<Finding> Key(CatalogTable table)
    {
        if (!table.Keys.Any(unique => unique.All(_key.Contains)))
        {
            yield return Found(
                FindingCodes.Key,
                FindingSeverity.Error,
                $"No unique index is over ({string.Join(", ", _key)}), with all of its columns NOT NULL.",
                "Rows with the same key would replace each other, and deletes would miss theirs.",
                $"Declare the table's whole key, or: create unique index on {_name} ({string.Join(", ", _key.Select(static column => $"\"{column}\""))});");
            yield break;
        }

        string[] counted = [.. _key.Where(facts.CountedColumns.ContainsKey)];
        yield return counted.Length == 0
            ? Ok(FindingCodes.Key, "The key is unique, and the server does not count it.")
            : Found(
                FindingCodes.Key,
                FindingSeverity.Warning,
                $"The server counts {string.Join(", ", counted)} (serial or identity).",
                facts.CountedColumns[counted[0]]
                    ? "A row that is created on a device cannot be sent: the server refuses any number of the device's (428C9)."
                    : "Two devices that create rows offline count to the same numbers. A table that is only pulled has no harm from it.",
                $"alter table {_name} add column uid uuid not null default gen_random_uuid() unique; -- and declare uid as the key. Other ways: docs/which-keys-work-offline.md");
    }

    private IEnumerable<Finding> Order(CatalogTable table)
    {
        var version = dataset.VersionOrdinal is { } ordinal ? dataset.Columns[ordinal].Name : null;
        var lacks = TableLacks.Find(table, _key, _updatedAt, version).ToLookup(static lack => lack.Kind);
        var stamps = lacks[LackKind.Stamp].Concat(lacks[LackKind.Version]).Select(static lack => lack.Text).ToArray();
        yield return stamps.Length == 0
            ? Ok(FindingCodes.Stamps, "A trigger stamps every update.")
            : Found(FindingCodes.Stamps, FindingSeverity.Error, Sentence(stamps), "Other devices do not learn of an update, and a push that changes neither fails.", "agent-sync sql writes the trigger, as a migration.");
        yield return lacks[LackKind.Index].FirstOrDefault() is { } index
            ? Found(FindingCodes.Index, FindingSeverity.Warning, Sentence([index.Text]), "Every run reads the whole table, and a large one ends in a statement timeout.", $"create index on {_name} ({string.Join(", ", _key.Prepend(_updatedAt).Select(static column => $"\"{column}\""))});")
            : Ok(FindingCodes.Index, "An index serves the order of deltas.");
        if (lacks[LackKind.Null].FirstOrDefault() is { } empty)
        {
            yield return Found(FindingCodes.EmptyTimestamps, FindingSeverity.Warning, Sentence([empty.Text]), "Such a row may come any day, and would be missed.", $"alter table {_name} alter column \"{_updatedAt}\" set default now(), alter column \"{_updatedAt}\" set not null;");
        }
    }

    private IEnumerable<Finding> Access(CatalogTable table)
    {
        if (!table.HasRowSecurity)
        {
            yield return Found(FindingCodes.Policies, FindingSeverity.Warning, "Row-level security is off.", "Every signed-in user may read every row that the grants allow, and edit it.", $"alter table {_name} enable row level security; -- and create policies for {Role}");
            yield break;
        }

        string[] missing = [.. Needed.Where((_, index) => !facts.Lets(Commands[index]))];
        if (missing.Contains("select", StringComparer.Ordinal))
        {
            yield return Found(FindingCodes.Policies, FindingSeverity.Error, $"No policy lets the role {Role} select: nobody sees a row.", "A sync brings nothing, without an error.", $"create policy own_select on {_name} for select to {Role} using (owner_id = (select auth.uid()));");
            yield break;
        }

        if (missing.Length > 0 && missing.Length < 3)
        {
            yield return Found(
                FindingCodes.Policies, FindingSeverity.Warning, $"No policy lets the role {Role} {string.Join(" or ", missing)}.", "Such edits of a device are rejected, and go into quarantine.", $"create policy own_{missing[0]} on {_name} for {missing[0]} to {Role} {(missing[0] == "insert" ? "with check" : "using")} (owner_id = (select auth.uid()));");
        }

        var deletedAt = dataset.DeletedOrdinal is { } ordinal && !table.HasKit ? dataset.Columns[ordinal].Name : null;
        string[] hiding = [.. facts.Policies.Where(policy => deletedAt is not null && policy.Command is "r" or "*" && policy.Using.Contains(deletedAt!, StringComparison.OrdinalIgnoreCase)).Select(static policy => policy.Name)];
        if (deletedAt is not null && hiding.Length > 0)
        {
            yield return Found(
                FindingCodes.Policies,
                FindingSeverity.Warning,
                $"A select policy looks at {deletedAt}: {string.Join(", ", hiding)}.",
                "If it hides deleted rows, devices never learn of the delete.",
                $"Let users see their deleted rows and leave the filter to the dataset's DeletedAt, or enable the SQL kit: select agent_sync.enable('{dataset.Schema}.{dataset.RemoteTable}');");
        }
        else if (missing.Length is 0 or 3)
        {
            yield return Ok(FindingCodes.Policies, missing.Length == 0 ? "Row-level security is on, with policies for signed-in users." : "Row-level security is on, and lets signed-in users read only.");
        }
    }

    private IEnumerable<Finding> Grants()
    {
        if (facts.Privileges is not { } has)
        {
            yield break;
        }

        string[] missing = [.. Needed.Where(privilege => !has.Contains(privilege))];
        var isUsable = has.Contains("usage");
        if (missing.Length == 0 && isUsable)
        {
            yield return Ok(FindingCodes.Grants, $"The role {Role} has its grants.");
            yield break;
        }

        var grants = $"{(isUsable ? "" : $"grant usage on schema \"{dataset.Schema}\" to {Role}; ")}{(missing.Length == 0 ? "" : $"grant {string.Join(", ", missing)} on {_name} to {Role};")}";
        var reads = isUsable && has.Contains("select");
        yield return Found(
            FindingCodes.Grants,
            reads ? FindingSeverity.Warning : FindingSeverity.Error,
            isUsable ? $"The role {Role} may not {string.Join(", ", missing)}." : $"The role {Role} may not use the schema {dataset.Schema}.",
            reads ? "A push of such edits fails with 42501. It is in order for a table that devices only read." : "Every run of the dataset fails.",
            grants);
    }

    private IEnumerable<Finding> Kit(CatalogTable table)
    {
        if (facts.KitProblems.Count > 0)
        {
            yield return Found(FindingCodes.SqlKit, FindingSeverity.Warning, $"agent_sync.check() says: {string.Join("; ", facts.KitProblems)}.", "The SQL kit may not see every change, or may not show it to every user.", $"select agent_sync.enable('{dataset.Schema}.{dataset.RemoteTable}'); -- unless the problem names another call");
        }
        else if (table.HasKit)
        {
            yield return Ok(FindingCodes.SqlKit, "agent_sync.check() finds nothing.");
        }
    }

    /// <summary>Whether a declared type takes the values of a type of the database without loss.</summary>
    private static bool Fits(ColumnType declared, ColumnType actual) => declared == actual || (declared, actual) is
        (ColumnType.Text, ColumnType.Uuid or ColumnType.Timestamptz or ColumnType.Timestamp or ColumnType.Date or ColumnType.Time or ColumnType.Bytes)
        or (ColumnType.Numeric, ColumnType.Integer or ColumnType.Double)
        or (ColumnType.Json, _);

    private static string Sentence(string[] parts) => string.Join(' ', parts.Select(static part => $"{char.ToUpperInvariant(part[0])}{part[1..]}."));

    private Finding Ok(string code, string what) => new() { Code = code, Severity = FindingSeverity.Ok, Dataset = dataset.Name, What = what };

    private Finding Found(string code, FindingSeverity severity, string what, string? why, string? mend) =>
        new() { Code = code, Severity = severity, Dataset = dataset.Name, What = what, Why = why, Mend = mend };
}
