using System.Text;
using Agent.Sync.Testing.Postgrest.Rows;

namespace Agent.Sync.Testing.Postgrest;

/// <summary>Writes single rows of a table for one user, as the table's triggers, policies and constraints let them be written.</summary>
internal sealed class RowWriter(PostgrestTable table, WriteScope scope, string? user)
{
    /// <summary>Returns the committed row of a key; null when there is none. It may be invisible to the user.</summary>
    public TableRow? Find(IReadOnlyDictionary<string, byte[]> key) => table.Find(key);

    public bool IsVisible(TableRow row) => table.IsVisible(row, user);

    /// <summary>Refuses a row that an INSERT proposes although one of its key is there: PostgreSQL looks at it first.</summary>
    public void Propose(IReadOnlyDictionary<string, byte[]> sent) => table.RequireOwnConstraints(NewRow(sent));

    public TableRow Insert(IReadOnlyDictionary<string, byte[]> sent)
    {
        var row = NewRow(sent);
        RequireOwn(row);
        table.RequireConstraints(row, null);
        table.Insert(scope, row);
        return table.Find(row)!;
    }

    public TableRow Update(TableRow old, IReadOnlyDictionary<string, byte[]> sent)
    {
        var values = table.ValuesOf(old);
        foreach (var (name, value) in sent)
        {
            values[name] = value;
        }

        table.StampUpdate(values, old, scope);
        var row = table.MakeRow(values);
        RequireOwn(row);
        if (table.Find(row) is { } other && !ReferenceEquals(other, old))
        {
            throw new PostgrestFailure(409, "23505", "the key is there already") { Constraint = $"{table.Name}_pkey" };
        }

        table.RequireConstraints(row, old);
        table.Update(scope, old, row);
        return table.Find(row)!;
    }

    public void Delete(TableRow old)
    {
        table.RequireNoReferences(old);
        table.Delete(scope, old);
    }

    private TableRow NewRow(IReadOnlyDictionary<string, byte[]> sent)
    {
        var values = sent.ToDictionary();
        if (table.OwnerColumn is { } owner && user is not null)
        {
            values.TryAdd(owner, Encoding.UTF8.GetBytes($"\"{user}\""));
        }

        table.StampInsert(values, scope);
        return table.MakeRow(values);
    }

    private void RequireOwn(TableRow row)
    {
        if (table.OwnerColumn is { } owner
            && (user is null || !string.Equals(SqlValue.TextOf(row.Json[table.OrdinalOf(owner)]), user, StringComparison.OrdinalIgnoreCase)))
        {
            throw Refused();
        }
    }

    public static PostgrestFailure Refused() => new(403, "42501", "new row violates row-level security policy");
}
