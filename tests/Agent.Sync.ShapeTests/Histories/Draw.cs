using Agent.Sync.ShapeTests.Shapes;

namespace Agent.Sync.ShapeTests.Histories;

/// <summary>Draws values for a column, both sides' edits alike: some that are refused, some that collide.</summary>
internal static class Draw
{
    private const int PoolSize = 5;

    public static string? Value(this Random random, ShapeColumn column, IReadOnlyList<string?>? parents = null)
    {
        if (column.Role == ColumnRole.Reference)
        {
            return parents is { Count: > 0 } && random.Next(5) > 0 ? parents[random.Next(parents.Count)] : null;
        }

        if (random.Next(column.IsRequired ? 60 : 8) == 0)
        {
            return null;
        }

        if (column.RefusedWith is not null && random.Next(10) == 0)
        {
            return ShapeColumn.Poison;
        }

        // A few values come again and again, so that a unique column sees them twice.
        return column.Kind.NextValue(column.IsUnique && random.Next(3) == 0 ? new Random(random.Next(PoolSize)) : random);
    }

    /// <summary>Draws a key's part; now and then one that another side may draw too.</summary>
    public static string Key(this Random random, ShapeColumn column, bool isHostile) =>
        column.Kind.NextKey(random.Next(12) == 0 ? new Random(random.Next(PoolSize)) : random, isHostile);

    public static T Pick<T>(this Random random, IReadOnlyList<T> items) => items[random.Next(items.Count)];

    public static bool Chance(this Random random, int oneIn) => random.Next(oneIn) == 0;
}
