using System.Globalization;
using Agent.Sync.ShapeTests.Histories;
using Agent.Sync.ShapeTests.Servers;
using Agent.Sync.ShapeTests.Shapes;

namespace Agent.Sync.ShapeTests.Dressing;

/// <summary>Unique indexes that the app puts on its table, on columns that are unique on the server too.</summary>
internal static class AppIndexes
{
    public static LocalStatement? Create(ShapeTable table, IReadOnlyCollection<string> present, Random random)
    {
        var columns = table.Columns.Where(column => column.IsUnique && present.Contains(column.LocalName, StringComparer.OrdinalIgnoreCase)).ToList();
        if (columns.Count == 0)
        {
            return null;
        }

        var column = columns[random.Next(columns.Count)];
        var quoted = Sql.Quote(column.LocalName);
        var name = string.Create(CultureInfo.InvariantCulture, $"ux_{table.Name}_{random.Next(1_000)}");
        return new LocalStatement(random.Next(4) switch
        {
            0 => $"create unique index {name} on \"{table.Name}\" ({quoted}) where {quoted} is not null",
            1 => $"create unique index {name} on \"{table.Name}\" ({quoted} collate nocase)",
            _ => $"create unique index {name} on \"{table.Name}\" ({quoted})",
        });
    }
}
