namespace Agent.Sync.Cli.Discovery;

/// <summary>What a table lacks, by who can put it right: agent-sync sql writes the statements of some, and a person decides about the others.</summary>
internal enum LackKind
{
    /// <summary>A name, key, update timestamp or column that the engine cannot work with.</summary>
    Shape,

    /// <summary>The update timestamp may be null.</summary>
    Null,

    /// <summary>No trigger moves the update timestamp.</summary>
    Stamp,

    /// <summary>No trigger raises the version.</summary>
    Version,

    /// <summary>No index serves the order of deltas.</summary>
    Index,

    /// <summary>Row-level security, a policy or a grant.</summary>
    Access,
}

/// <summary>One lack, and what it means in words.</summary>
internal sealed record Lack(LackKind Kind, string Text);

/// <summary>Finds what a table lacks for being synced with this key and these columns.</summary>
internal static class TableLacks
{
    /// <summary>Whether the engine takes this as a name without quotes.</summary>
    public static bool IsName(string name) => name.Length <= 63 && !char.IsAsciiDigit(name[0]) && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '$');

    public static IEnumerable<Lack> Find(CatalogTable table, string[] key, string? updatedAt, string? version)
    {
        if (!IsName(table.Name))
        {
            yield return new(LackKind.Shape, "its name has other characters than letters, digits, _ and $: make a view of it under another name, and write the view's dataset by hand");
        }

        if (key.Length == 0)
        {
            yield return new(LackKind.Shape, "no key: it needs a primary key of text, uuid or integer columns");
        }

        if (updatedAt is null)
        {
            yield return new(LackKind.Shape, "no update timestamp: it needs a column such as updated_at timestamptz not null default now()");
        }
        else if (!table.HasKit)
        {
            foreach (var lack in Order(table, key, updatedAt, version))
            {
                yield return lack;
            }
        }

        foreach (var lack in table.IsDescription ? [] : Access(table))
        {
            yield return lack;
        }

        foreach (var column in table.Columns.Where(static column => column.Type is null || !IsName(column.Name)))
        {
            yield return new(LackKind.Shape, column.Type is null ? $"column {column.Name} is left out: the engine does not know the type {column.DatabaseType}" : $"column {column.Name} is left out: its name has other characters than letters, digits, _ and $");
        }
    }

    /// <summary>What deltas and conflicts need. The SQL kit's own column takes the place of all of it.</summary>
    private static IEnumerable<Lack> Order(CatalogTable table, string[] key, string updatedAt, string? version)
    {
        if (table.Columns.Any(column => column.Name == updatedAt && !column.IsNotNull))
        {
            yield return new(LackKind.Null, $"{updatedAt} may be null: such rows are never pulled by a delta");
        }

        if (table.IsDescription)
        {
            yield break;
        }

        if (!IsStamped(table, updatedAt))
        {
            yield return new(LackKind.Stamp, $"no trigger moves {updatedAt} on an update: changes would be missed");
        }

        if (version is not null && !IsStamped(table, version))
        {
            yield return new(LackKind.Version, $"no trigger raises {version} on an update: one edit would overwrite another");
        }

        if (key.Length > 0 && !table.Indexes.Any(index => index.Take(key.Length + 1).SequenceEqual([updatedAt, .. key], StringComparer.Ordinal)))
        {
            yield return new(LackKind.Index, $"no index on ({string.Join(", ", [updatedAt, .. key])}), the order of deltas");
        }
    }

    private static IEnumerable<Lack> Access(CatalogTable table)
    {
        if (!table.HasRowSecurity)
        {
            yield return new(LackKind.Access, "row-level security is off: whoever may select sees every row");
        }
        else if (table.Policies == 0)
        {
            yield return new(LackKind.Access, "no policy for select: nobody sees a row");
        }

        if (table.IsReadable == false)
        {
            yield return new(LackKind.Access, "signed-in users (role authenticated) may not select");
        }
    }

    private static bool IsStamped(CatalogTable table, string column) => table.Stamps.Any(text => text.Contains(column, StringComparison.OrdinalIgnoreCase));
}
