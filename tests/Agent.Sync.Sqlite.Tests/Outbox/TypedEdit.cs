namespace Agent.Sync.Sqlite.Tests.Outbox;

/// <summary>What a person did to one row since it was last in step with the server or last frozen: found by comparing the table before and after each statement.</summary>
internal sealed class TypedEdit
{
    /// <summary>Gets the columns that may be sent: nobody typed anything in the others.</summary>
    public HashSet<string> Columns { get; } = [];

    /// <summary>Gets the values that the row must keep.</summary>
    public Dictionary<string, object?> Wanted { get; } = [];

    /// <summary>Gets or sets whether the row was inserted or deleted, and which of them; null for a mere update.</summary>
    public bool? Exists { get; set; }

    public void Note(ModelRow? before, ModelRow? after)
    {
        if (after is null)
        {
            Exists = false;
            Wanted.Clear();
            Columns.UnionWith(ModelRow.Columns);
            return;
        }

        if (before is null)
        {
            Exists = true;
            Wanted.Clear();
            Columns.UnionWith(ModelRow.Columns);
        }

        foreach (var column in ModelRow.Columns)
        {
            if (before is null ? after[column] is not null : !Equals(before[column], after[column]))
            {
                Columns.Add(column);
                Wanted[column] = after[column];
                if (Exists == true && after[column] is null)
                {
                    // An insert leaves NULL to the server's default.
                    Wanted.Remove(column);
                }
            }
        }
    }

    /// <summary>Puts an earlier edit beneath this one: it came back unsent, or refused.</summary>
    public void StandOn(TypedEdit earlier)
    {
        Exists ??= earlier.Exists;
        foreach (var (column, value) in earlier.Wanted.Where(pair => !Columns.Contains(pair.Key)))
        {
            Wanted[column] = value;
        }

        Columns.UnionWith(earlier.Columns);
    }

    /// <summary>Drops what is no edit any more: the value that the row had before, or that the server has by itself.</summary>
    public void Drop(ModelRow? same)
    {
        foreach (var column in ModelRow.Columns.Where(column => same is not null && Wanted.TryGetValue(column, out var value) && Equals(value, same[column])))
        {
            Wanted.Remove(column);
        }
    }
}
