using Agent.Sync.ShapeTests.Oracles;
using Agent.Sync.ShapeTests.Shapes;

namespace Agent.Sync.ShapeTests.Servers;

/// <summary>What PostgreSQL would refuse of the server's own SQL; the double checks what requests write only.</summary>
internal static class ConstraintCheck
{
    public static bool Allows(Shape shape, IReadOnlyDictionary<string, Dictionary<string, Row>> tables, IReadOnlyList<RowWrite> writes)
    {
        var after = tables.ToDictionary(
            static pair => pair.Key, static pair => pair.Value.ToDictionary(static row => row.Key, static row => new Row(row.Value), StringComparer.Ordinal));
        return writes.All(write => Apply(after[write.Table.Name], write)) && shape.Tables.All(table => Holds(table, after));
    }

    private static bool Apply(Dictionary<string, Row> rows, RowWrite write)
    {
        if (write.Key is null)
        {
            var row = new Row(write.Table.Columns.Select(column => KeyValuePair.Create(column.Name, write.Values!.GetValueOrDefault(column.Name))));
            return row.KeyOf(write.Table) is { } key && rows.TryAdd(key, row);
        }

        if (!rows.Remove(write.Key.KeyOf(write.Table)!, out var old))
        {
            return true;
        }

        if (write.Values is null)
        {
            return true;
        }

        foreach (var (name, value) in write.Values)
        {
            old[name] = value;
        }

        return old.KeyOf(write.Table) is { } changed && rows.TryAdd(changed, old);
    }

    private static bool Holds(ShapeTable table, Dictionary<string, Dictionary<string, Row>> tables)
    {
        var rows = tables[table.Name].Values;
        return table.Columns.All(column =>
            !(column is { IsRequired: true, IsWritten: true } && rows.Any(row => row[column.Name] is null))
            && !(column.RefusedWith is not null && rows.Any(row => row[column.Name] == ShapeColumn.Poison))
            && !(column.IsUnique && rows.Where(row => row[column.Name] is not null).GroupBy(row => row[column.Name]).Any(static group => group.Count() > 1))
            && !(column.Role == ColumnRole.Reference && rows.Any(row => row[column.Name] is { } parent && !tables[table.Target!.Name].ContainsKey(parent))));
    }
}
