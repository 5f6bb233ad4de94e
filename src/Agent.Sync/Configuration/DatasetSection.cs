using Microsoft.Extensions.Configuration;

namespace Agent.Sync.Configuration;

/// <summary>Turns one object of the configured array into a dataset, and collects what is wrong with it. Every fault begins with its path.</summary>
internal sealed class DatasetSection
{
    private static readonly string[] Known =
        ["Name", "Schema", "Table", "LocalTable", "Key", "Version", "UpdatedAt", "DeletedAt", "DeleteHandling", "ServerOwned", "OnConflict", "Where", "Columns"];

    private static readonly string[] Special = ["Version", "UpdatedAt", "DeletedAt"];

    private static readonly string[] Filter = ["Column", "Operator", "Value"];

    private readonly IConfigurationSection _section;
    private readonly List<string> _faults;

    /// <summary>The key's columns, which are declared before the others.</summary>
    private readonly HashSet<string> _declared = new(StringComparer.OrdinalIgnoreCase);

    private DatasetSection(IConfigurationSection section, List<string> faults)
    {
        _section = section;
        _faults = faults;
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
        var before = _faults.Count;
        if (!IsObject(_section, Known))
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
        ReadKey(builder, columns);
        foreach (var (key, column) in special)
        {
            RequireType(key, column!, key == "Version" ? ColumnType.Integer : ColumnType.Timestamptz, columns);
        }

        foreach (var (name, type) in columns)
        {
            if (!_declared.Contains(name) && !special.Any(item => string.Equals(item.Column, name, StringComparison.OrdinalIgnoreCase)))
            {
                Try($"Columns:{name}", () => builder.Column(name, type));
            }
        }

        Set("Version", builder.Version);
        Set("UpdatedAt", builder.UpdatedAt);
        ReadDeletedAt(builder);
        ReadServerOwned(builder);
        if (Choice<ConflictPolicy>("OnConflict", ConflictPolicy.ServerWins, ConflictPolicy.LocalWins) is { } policy)
        {
            builder.OnConflict(policy);
        }

        ReadFilters(builder);
        return _faults.Count == before ? Try("", builder.Build) : null;
    }

    private Dictionary<string, ColumnType> ReadColumns()
    {
        Dictionary<string, ColumnType> columns = new(StringComparer.OrdinalIgnoreCase);
        foreach (var column in _section.GetSection("Columns").GetChildren())
        {
            if (TryChoice(column, Enum.GetValues<ColumnType>(), static type => TypeName(type), out var type))
            {
                columns.Add(column.Key, type);
            }
        }

        if (columns.Count == 0 && _section.GetSection("Columns").Value is { Length: > 0 })
        {
            Fault(_section.GetSection("Columns"), "must be an object of column names and types, such as { \"id\": \"uuid\" }");
        }

        return columns;
    }

    private void ReadKey(DatasetBuilder builder, Dictionary<string, ColumnType> columns)
    {
        var names = Texts("Key");
        if (names.Count == 0)
        {
            _faults.Add($"{_section.Path}:Key is missing: name the columns of the key, such as [ \"id\" ].");
        }

        foreach (var (path, name) in names)
        {
            if (!columns.TryGetValue(name, out var type))
            {
                _faults.Add($"{path} is '{name}', which {_section.Path}:Columns does not have: add it there with its type, text, uuid or integer.");
            }
            else if (_declared.Add(name))
            {
                TryAt(path, () => builder.Key(name, type));
            }
            else
            {
                _faults.Add($"{path} is '{name}' for the second time: remove it.");
            }
        }
    }

    private void ReadDeletedAt(DatasetBuilder builder)
    {
        var handling = Choice("DeleteHandling", DeleteHandling.Remove, DeleteHandling.Mark);
        if (Text("DeletedAt") is { } column)
        {
            Try("DeletedAt", () => builder.DeletedAt(column, handling ?? DeleteHandling.Remove));
        }
        else if (handling is not null)
        {
            _faults.Add($"{_section.Path}:DeleteHandling needs {_section.Path}:DeletedAt: name the deletion column, or remove it.");
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
        foreach (var item in Items(_section.GetSection("Where"), _faults))
        {
            if (!IsObject(item, Filter))
            {
                continue;
            }

            // The value may be personal: no message has it.
            var (column, value) = (item["Column"], item["Value"]);
            if (string.IsNullOrEmpty(column) || value is null)
            {
                _faults.Add($"{item.Path} needs Column, Operator and Value, a text.");
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
            _faults.Add($"{_section.Path}:Columns:{column} is {TypeName(given)}, but {_section.Path}:{key} must be {TypeName(type)}: correct the type, or leave it out.");
        }
    }

    /// <summary>The elements of an array, whose order the configuration keeps.</summary>
    private static IEnumerable<IConfigurationSection> Items(IConfigurationSection array, List<string> faults)
    {
        if (array.Value is { Length: > 0 })
        {
            faults.Add($"{array.Path} must be an array.");
        }

        foreach (var item in array.GetChildren())
        {
            if (item.Key.All(char.IsAsciiDigit))
            {
                yield return item;
            }
            else
            {
                faults.Add($"{item.Path} is not an element of an array: write {array.Path} as an array, whose order counts.");
            }
        }
    }

    private bool IsObject(IConfigurationSection section, string[] known)
    {
        if (section.Value is { Length: > 0 } || !section.GetChildren().Any())
        {
            Fault(section, $"must be an object with some of {string.Join(", ", known)}");
            return false;
        }

        foreach (var unknown in section.GetChildren().Where(child => !known.Contains(child.Key, StringComparer.OrdinalIgnoreCase)))
        {
            Fault(unknown, $"is not known: there are {string.Join(", ", known)}");
        }

        return true;
    }

    private List<(string Path, string Text)> Texts(string key)
    {
        List<(string, string)> texts = [];
        foreach (var item in Items(_section.GetSection(key), _faults))
        {
            if (item.Value is { Length: > 0 } text)
            {
                texts.Add((item.Path, text));
            }
            else
            {
                Fault(item, "must be the name of a column");
            }
        }

        return texts;
    }

    private string? Text(string key, bool isRequired = false)
    {
        var section = _section.GetSection(key);
        if (section.GetChildren().Any() || section is { Value: "" })
        {
            Fault(section, "must be a name");
        }
        else if (isRequired && section.Value is null)
        {
            Fault(section, "is missing: it is required");
        }

        return string.IsNullOrEmpty(section.Value) ? null : section.Value;
    }

    private void Set(string key, Func<string, DatasetBuilder> set)
    {
        // What is missing or no text was told before, where it is required.
        if (_section[key] is { Length: > 0 } text)
        {
            Try(key, () => set(text));
        }
        else if (key is "Name" or "Schema" or "LocalTable")
        {
            _ = Text(key);
        }
    }

    private T? Choice<T>(string key, params T[] choices)
        where T : struct, Enum
    {
        var section = _section.GetSection(key);
        return !section.Exists() ? null : TryChoice(section, choices, static choice => choice.ToString(), out var chosen) ? chosen : null;
    }

    private bool TryChoice<T>(IConfigurationSection section, T[] choices, Func<T, string> name, out T chosen)
    {
        foreach (var choice in choices)
        {
            if (string.Equals(section.Value, name(choice), StringComparison.OrdinalIgnoreCase))
            {
                chosen = choice;
                return true;
            }
        }

        Fault(section, $"must be one of {string.Join(", ", choices.Select(name))}");
        chosen = choices[0];
        return false;
    }

    private T? Try<T>(string key, Func<T> step)
        where T : class => TryAt(key.Length == 0 ? _section.Path : $"{_section.Path}:{key}", step);

    private T? TryAt<T>(string path, Func<T> step)
        where T : class
    {
        try
        {
            return step();
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            var message = exception is ArgumentException { ParamName: { } parameter } ? exception.Message.Replace($" (Parameter '{parameter}')", "", StringComparison.Ordinal) : exception.Message;
            _faults.Add($"{path}: {message}");
            return null;
        }
    }

    private void Fault(IConfigurationSection section, string what) => _faults.Add($"{section.Path} {what}.");

    private static string TypeName(ColumnType type) => type.ToString().ToLowerInvariant();
}
