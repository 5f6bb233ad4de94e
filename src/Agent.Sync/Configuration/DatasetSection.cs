using Microsoft.Extensions.Configuration;

namespace Agent.Sync.Configuration;

/// <summary>Turns one object of the configured array into a dataset, and collects what is wrong with it. Every fault begins with its path.</summary>
internal sealed class DatasetSection : SectionReader
{
    private static readonly string[] Known =
        ["Name", "Schema", "Table", "LocalTable", "Key", "Version", "UpdatedAt", "DeletedAt", "DeleteHandling", "ServerOwned", "OnConflict", "Where", "Columns", "LocalColumns"];

    private static readonly string[] Special = ["Version", "UpdatedAt", "DeletedAt"];

    private static readonly string[] Filter = ["Column", "Operator", "Value"];

    /// <summary>The key's columns, which are declared before the others.</summary>
    private readonly HashSet<string> _declared = new(StringComparer.OrdinalIgnoreCase);

    private readonly Dictionary<string, string> _localNames = new(StringComparer.OrdinalIgnoreCase);

    private DatasetSection(IConfigurationSection section, List<string> faults)
        : base(section, faults)
    {
    }

    public static IReadOnlyList<Dataset> ReadAll(IConfigurationSection array, List<string> faults)
    {
        List<Dataset> datasets = [];
        foreach (var item in Items(array, faults))
        {
            if (new DatasetSection(item, faults).Read() is { } dataset)
            {
                datasets.Add(dataset);
            }
        }

        return datasets;
    }

    private Dataset? Read()
    {
        var before = Faults.Count;
        if (!IsObject(Section, Known))
        {
            return null;
        }

        if (Text("Table", isRequired: true) is not { } table || Try("Table", () => Dataset.Define(table)) is not { } builder)
        {
            return null;
        }

        Set("Name", builder.Named);
        Set("Schema", builder.InSchema);
        Set("LocalTable", builder.ToTable);
        var columns = ReadColumns();
        var special = Special
            .Select(key => (Key: key, Column: Text(key, isRequired: key == "UpdatedAt"))).Where(static item => item.Column is not null).ToArray();
        ReadLocalNames([.. columns.Keys, .. special.Select(static item => item.Column!)]);
        ReadKey(builder, columns);
        foreach (var (key, column) in special)
        {
            RequireType(key, column!, key == "Version" ? ColumnType.Integer : ColumnType.Timestamptz, columns);
        }

        foreach (var (name, type) in columns)
        {
            if (!_declared.Contains(name) && !special.Any(item => string.Equals(item.Column, name, StringComparison.OrdinalIgnoreCase)))
            {
                Try($"Columns:{name}", () => builder.Column(name, type, LocalOf(name)));
            }
        }

        Set("Version", name => builder.Version(name, LocalOf(name)));
        Set("UpdatedAt", name => builder.UpdatedAt(name, LocalOf(name)));
        ReadDeletedAt(builder);
        ReadServerOwned(builder);
        if (Choice<ConflictPolicy>("OnConflict", ConflictPolicy.ServerWins, ConflictPolicy.LocalWins) is { } policy)
        {
            builder.OnConflict(policy);
        }

        ReadFilters(builder);
        return Faults.Count == before ? Try("", builder.Build) : null;
    }

    private Dictionary<string, ColumnType> ReadColumns()
    {
        Dictionary<string, ColumnType> columns = new(StringComparer.OrdinalIgnoreCase);
        foreach (var column in Section.GetSection("Columns").GetChildren())
        {
            if (TryChoice(column, Enum.GetValues<ColumnType>(), static type => TypeName(type), out var type))
            {
                columns.Add(column.Key, type);
            }
        }

        if (columns.Count == 0 && Section.GetSection("Columns").Value is { Length: > 0 })
        {
            Fault(Section.GetSection("Columns"), "must be an object of column names and types, such as { \"id\": \"uuid\" }");
        }

        return columns;
    }

    private string? LocalOf(string column) => _localNames.GetValueOrDefault(column);

    private void ReadLocalNames(IReadOnlyCollection<string> columns)
    {
        var section = Section.GetSection("LocalColumns");
        if (section.Value is { Length: > 0 })
        {
            Fault(section, "must be an object of column names and their local names, such as { \"due_at\": \"DueAt\" }");
        }

        foreach (var item in section.GetChildren())
        {
            if (!columns.Contains(item.Key, StringComparer.OrdinalIgnoreCase))
            {
                Fault(item, "is no column of the dataset: name one that Columns, Version, UpdatedAt or DeletedAt has");
            }
            else if (item.Value is { Length: > 0 } local)
            {
                _localNames.Add(item.Key, local);
            }
            else
            {
                Fault(item, "must be the column's name in the local table");
            }
        }
    }

    private void ReadKey(DatasetBuilder builder, Dictionary<string, ColumnType> columns)
    {
        var names = Texts("Key");
        if (names.Count == 0)
        {
            Faults.Add($"{Section.Path}:Key is missing: name the columns of the key, such as [ \"id\" ].");
        }

        foreach (var (path, name) in names)
        {
            if (!columns.TryGetValue(name, out var type))
            {
                Faults.Add($"{path} is '{name}', which {Section.Path}:Columns does not have: add it there with its type, text, uuid or integer.");
            }
            else if (_declared.Add(name))
            {
                TryAt(path, () => builder.Key(name, type, LocalOf(name)));
            }
            else
            {
                Faults.Add($"{path} is '{name}' for the second time: remove it.");
            }
        }
    }

    private void ReadDeletedAt(DatasetBuilder builder)
    {
        var handling = Choice("DeleteHandling", DeleteHandling.Remove, DeleteHandling.Mark);
        if (Text("DeletedAt") is { } column)
        {
            Try("DeletedAt", () => builder.DeletedAt(column, handling ?? DeleteHandling.Remove, LocalOf(column)));
        }
        else if (handling is not null)
        {
            Faults.Add($"{Section.Path}:DeleteHandling needs {Section.Path}:DeletedAt: name the deletion column, or remove it.");
        }
    }

    private void ReadServerOwned(DatasetBuilder builder)
    {
        foreach (var (path, name) in Texts("ServerOwned"))
        {
            TryAt(path, () => builder.ServerOwned(name));
        }
    }

    private void ReadFilters(DatasetBuilder builder)
    {
        foreach (var item in Items(Section.GetSection("Where"), Faults))
        {
            if (!IsObject(item, Filter))
            {
                continue;
            }

            // The value may be personal: no message has it.
            var (column, value) = (item["Column"], item["Value"]);
            if (string.IsNullOrEmpty(column) || value is null)
            {
                Faults.Add($"{item.Path} needs Column, Operator and Value, a text.");
            }
            else if (TryChoice(item.GetSection("Operator"), Enum.GetValues<FilterOperator>(), static choice => choice.ToString(), out var comparison))
            {
                TryAt($"{item.Path}:Column", () => builder.Where(column, comparison, value));
            }
        }
    }

    private void RequireType(string key, string column, ColumnType type, Dictionary<string, ColumnType> columns)
    {
        if (columns.TryGetValue(column, out var given) && given != type)
        {
            Faults.Add($"{Section.Path}:Columns:{column} is {TypeName(given)}, but {Section.Path}:{key} must be {TypeName(type)}: correct the type, or leave it out.");
        }
    }

    private void Set(string key, Func<string, DatasetBuilder> set)
    {
        // What is missing or no text was told before, where it is required.
        if (Section[key] is { Length: > 0 } text)
        {
            Try(key, () => set(text));
        }
        else if (key is "Name" or "Schema" or "LocalTable")
        {
            _ = Text(key);
        }
    }

    private static string TypeName(ColumnType type) => type.ToString().ToLowerInvariant();
}
