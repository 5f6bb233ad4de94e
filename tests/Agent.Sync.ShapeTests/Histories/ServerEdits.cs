using Agent.Sync.ShapeTests.Oracles;
using Agent.Sync.ShapeTests.Servers;
using Agent.Sync.ShapeTests.Shapes;

namespace Agent.Sync.ShapeTests.Histories;

/// <summary>Draws what the server's own SQL does in one transaction.</summary>
internal sealed class ServerEdits(Shape shape, ShapeTable table, Random random)
{
    public required IReadOnlyList<Row> Rows { get; init; }

    public required IReadOnlyList<string?> Parents { get; init; }

    private IEnumerable<ShapeColumn> Written => table.Columns.Where(static column => column.Role is ColumnRole.Plain or ColumnRole.Reference or ColumnRole.Undeclared);

    public IReadOnlyList<RowWrite> Next()
    {
        var unique = table.Columns.Where(static column => column.IsUnique).ToList();
        return (Rows.Count == 0 ? 0 : random.Next(12)) switch
        {
            < 3 => [Insert(new Row())],
            < 7 => [Update(random.Pick(Rows))],
            < 9 => [Delete(random.Pick(Rows))],
            9 when unique.Count > 0 => Reuse(random.Pick(Rows), random.Pick(unique)),
            10 when unique.Count > 0 && Rows.Count > 1 => Rotate(random.Pick(unique)),
            _ => [Insert(new Row()), Update(random.Pick(Rows))],
        };
    }

    public RowWrite Insert(Row given)
    {
        var row = new Row();
        foreach (var key in table.Keys.Where(_ => !table.IsIdentity))
        {
            row[key.Name] = random.Key(key, !shape.IsPostgreSql);
        }

        foreach (var column in Written.Where(column => column.IsRequired || random.Next(5) > 0))
        {
            row[column.Name] = given.GetValueOrDefault(column.Name) ?? Value(column);
        }

        foreach (var (name, value) in given)
        {
            row[name] = value;
        }

        return new RowWrite(table, null, row);
    }

    private string? Value(ShapeColumn column)
    {
        if (column.Kind.SqlType is "double precision" or "numeric" && !column.IsUnique && random.Chance(10))
        {
            return "NaN";
        }

        var value = random.Value(column, Parents);
        return value is null && column.IsRequired && column.Role != ColumnRole.Reference ? column.Kind.NextValue(random) : value == ShapeColumn.Poison ? "no poison" : value;
    }

    private Row KeyOf(Row row) => new(table.Keys.Select(key => KeyValuePair.Create(key.Name, row[key.Name])));

    private RowWrite Update(Row row)
    {
        var columns = Written.ToList();
        var changed = new Row();
        foreach (var column in Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Pick(columns)))
        {
            changed[column.Name] = Value(column);
        }

        return new RowWrite(table, KeyOf(row), changed);
    }

    private RowWrite Delete(Row row) => table.Deleted is { } deleted
        ? new RowWrite(table, KeyOf(row), new Row { [deleted.Name] = row[deleted.Name] is null ? deleted.Kind.NextValue(random) : null })
        : new RowWrite(table, KeyOf(row), null);

    private List<RowWrite> Reuse(Row row, ShapeColumn unique) =>
        [new RowWrite(table, KeyOf(row), null), Insert(new Row { [unique.Name] = row[unique.Name] })];

    /// <summary>Passes the values of a unique column on from row to row: what a commit leaves is valid, one row after the other is not.</summary>
    private List<RowWrite> Rotate(ShapeColumn unique)
    {
        var rows = Rows.Take(random.Next(2, 5)).ToList();
        var values = rows.Select(row => row[unique.Name]).ToList();
        return
        [
            .. rows.Select(row => new RowWrite(table, KeyOf(row), new Row { [unique.Name] = unique.Kind.NextValue(random) })),
            .. rows.Select((row, index) => new RowWrite(table, KeyOf(row), new Row { [unique.Name] = values[(index + 1) % values.Count] })),
        ];
    }
}
