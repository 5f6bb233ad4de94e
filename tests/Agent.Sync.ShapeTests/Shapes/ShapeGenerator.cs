using System.Globalization;

namespace Agent.Sync.ShapeTests.Shapes;

/// <summary>Makes the shape of a seed.</summary>
internal static class ShapeGenerator
{
    private const int MostColumns = 60;

    /// <summary>Of five seeds in a row two go to PostgreSQL.</summary>
    private const int SeedsPerRound = 5;

    private static readonly string[] Refusals = ["23514", "P0001", "P0002", "54000", "42883", "XX000"];

    public static bool UsesPostgreSql(int seed) => seed % SeedsPerRound < 2;

    public static Shape Make(int seed)
    {
        var random = new Random(seed);
        var isPostgreSql = UsesPostgreSql(seed);
        var first = Table(random, seed, "a", isPostgreSql, parent: null);
        var tables = random.Next(3) == 0 && first.Keys.Count == 1 ? new[] { first, Table(random, seed, "b", isPostgreSql, first) } : [first];
        return new Shape
        {
            Seed = seed,
            Tables = tables,
            IsPostgreSql = isPostgreSql,
            Kit = random.Next(2) == 0,
            Policy = (random.Next(5) switch { < 2 => ConflictPolicy.ServerWins, < 4 => ConflictPolicy.LocalWins, _ => ConflictPolicy.Resolver }),
            Devices = random.Next(2, 4),
            PageSize = random.Next(1, 15),
            BatchRows = random.Next(3) == 0 ? random.Next(1, 4) : random.Next(4, 40),
            FirstRows = random.Next(0, 13),
            UuidBlobs = random.Next(6) == 0,
            WritesBeforeFirstSync = random.Next(12) == 0,
        };
    }

    private static ShapeTable Table(Random random, int seed, string suffix, bool isPostgreSql, ShapeTable? parent)
    {
        var width = random.Next(6) == 0 ? random.Next(15, MostColumns) : random.Next(1, 9);
        var names = new Queue<string>(ColumnNames.Draw(random, width + 9));
        List<ShapeColumn> columns = [];
        var keys = random.Next(4) == 0 ? random.Next(2, 4) : 1;
        for (var index = 0; index < keys; index++)
        {
            columns.Add(new ShapeColumn(names.Dequeue(), ColumnKinds.Keys[random.Next(ColumnKinds.Keys.Count)], ColumnRole.Key) { IsRequired = true });
        }

        var isIdentity = isPostgreSql && keys == 1 && columns[0].Kind.Type == ColumnType.Integer && random.Next(2) == 0;
        columns.Add(new ShapeColumn(random.Next(2) == 0 ? "updated_at" : names.Dequeue(), ColumnKinds.Timestamptz, ColumnRole.Cursor));
        if (random.Next(3) > 0)
        {
            columns.Add(new ShapeColumn(random.Next(2) == 0 ? "version" : names.Dequeue(), ColumnKinds.BigInteger, ColumnRole.Version));
        }

        if (random.Next(3) == 0)
        {
            columns.Add(new ShapeColumn(names.Dequeue(), ColumnKinds.Timestamptz, ColumnRole.Deleted));
        }

        var refersToItself = parent is null && keys == 1 && random.Next(6) == 0;
        if (parent is not null || refersToItself)
        {
            columns.Add(new ShapeColumn(names.Dequeue(), (parent?.Keys[0] ?? columns[0]).Kind, ColumnRole.Reference) { IsRequired = parent is not null && random.Next(3) == 0 });
        }

        for (var index = 0; index < width; index++)
        {
            columns.Add(Plain(random, names.Dequeue(), isPostgreSql));
        }

        if (isPostgreSql && random.Next(4) == 0 && columns.Find(static column => column is { Role: ColumnRole.Plain, Type: ColumnType.Text }) is not null)
        {
            columns.Add(new ShapeColumn(names.Dequeue(), ColumnKinds.Text, ColumnRole.Generated));
        }

        if (isPostgreSql && random.Next(4) == 0)
        {
            columns.Add(new ShapeColumn("not \"declared\"", ColumnKinds.Text, ColumnRole.Undeclared) { IsRequired = true, ServerDefault = random.Next(2) == 0 ? "given" : null });
        }

        return new ShapeTable(string.Create(CultureInfo.InvariantCulture, $"shape_{seed}_{suffix}"), LocalNames.Give(columns, seed, suffix))
        {
            IsIdentity = isIdentity,
            Parent = parent,
            RefersToItself = refersToItself,
            MovesCursor = !isPostgreSql || random.Next(25) > 0,
            MarksDeleted = new Random((seed * 31) + suffix[0]).Next(3) == 0,
        };
    }

    private static ShapeColumn Plain(Random random, string name, bool isPostgreSql)
    {
        var kind = !isPostgreSql && random.Next(8) == 0 ? ColumnKinds.OfTheDouble[random.Next(ColumnKinds.OfTheDouble.Count)] : ColumnKinds.All[random.Next(ColumnKinds.All.Count)];
        var isUnique = kind.CanBeUnique && random.Next(5) == 0;
        var hasDefault = isPostgreSql && !isUnique && random.Next(4) == 0;
        return new ShapeColumn(name, kind, ColumnRole.Plain)
        {
            IsRequired = random.Next(5) == 0,
            IsUnique = isUnique,
            ServerDefault = hasDefault ? kind.NextValue(random) : null,
            RefusedWith = kind.Type == ColumnType.Text && random.Next(4) == 0 ? Refusals[random.Next(isPostgreSql ? Refusals.Length : 2)] : null,
            IsDeclaredLate = random.Next(6) == 0,
        };
    }
}
