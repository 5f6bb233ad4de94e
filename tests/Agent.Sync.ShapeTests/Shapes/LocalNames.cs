namespace Agent.Sync.ShapeTests.Shapes;

/// <summary>Gives columns other names in the devices' tables. It draws from numbers of its own, so that a seed stands for the same shape apart from them.</summary>
internal static class LocalNames
{
    public static IReadOnlyList<ShapeColumn> Give(IReadOnlyList<ShapeColumn> columns, int seed, string suffix)
    {
        var random = new Random((seed * 31) ^ suffix[0]);
        var declared = columns.Where(static column => column.Role != ColumnRole.Undeclared).ToList();
        var names = random.Next(4) switch
        {
            0 => ColumnNames.Draw(random, declared.Count).ToList(),
            1 => Some(declared, random),
            2 => Exchanged(declared, random),
            _ => [.. declared.Select(static column => column.Name)],
        };
        return [.. declared.Select((column, index) => column with { LocalName = names[index] }), .. columns.Except(declared)];
    }

    /// <summary>Half of the columns have names of their own.</summary>
    private static List<string> Some(List<ShapeColumn> columns, Random random) =>
        [.. columns.Select(column => random.Next(2) == 0 ? column.Name : $"{column.Name[..Math.Min(column.Name.Length, 57)]}_local")];

    /// <summary>Each column has the name that another one has on the server.</summary>
    private static List<string> Exchanged(List<ShapeColumn> columns, Random random)
    {
        var names = columns.Select(static column => column.Name).ToArray();
        random.Shuffle(names);
        return [.. names];
    }
}
