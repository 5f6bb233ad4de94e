using Agent.Sync.ShapeTests.Servers;
using Agent.Sync.ShapeTests.Shapes;

namespace Agent.Sync.ShapeTests.Histories;

/// <summary>Draws what a device's app does to a table in one transaction.</summary>
internal sealed class DeviceEdits(ShapeDevice device, ShapeTable table, Random random)
{
    private static readonly Dictionary<string, object> NoValues = [];

    private readonly string _name = Sql.Quote(table.Name);

    public required IReadOnlyList<ShapeColumn> Columns { get; init; }

    public required IReadOnlyList<IReadOnlyDictionary<string, object>> Rows { get; init; }

    /// <summary>Gets the keys of the local parents.</summary>
    public required IReadOnlyList<string?> Parents { get; init; }

    public IReadOnlyList<LocalStatement> Next()
    {
        var unique = Columns.Where(static column => column.IsUnique).ToList();
        return (Rows.Count == 0 ? 0 : random.Next(20)) switch
        {
            < 5 => [Insert("insert", NoValues)],
            < 11 => [Update(random.Pick(Rows))],
            < 13 => [Delete(random.Pick(Rows))],
            13 => [Replace(random.Pick(Rows))],
            14 => [Upsert(random.Pick(Rows))],
            15 when !table.IsIdentity => [ChangeKey(random.Pick(Rows))],
            16 when Rows.Count > 1 && unique.Count > 0 => Swap(random.Pick(unique)),
            17 when unique.Count > 0 => Reuse(random.Pick(Rows), random.Pick(unique)),
            18 => UpdateAll(),
            19 when table is { RefersToItself: true, IsIdentity: false } && Columns.Any(static column => column.Role == ColumnRole.Reference) => Circle(),
            _ => [Insert("insert", NoValues), Update(random.Pick(Rows))],
        };
    }

    private static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(Sql.Quote));

    private static string Places(int count, int first = 0) => string.Join(", ", Enumerable.Range(first, count).Select(static index => $"$p{index}"));

    private static bool IsServers(ShapeColumn column) => !column.IsWritten;

    private List<(string Name, object Value)> NewRow(IReadOnlyDictionary<string, object> given)
    {
        List<(string, object)> values = [];
        foreach (var key in table.Keys.Where(key => !(table.IsIdentity && random.Next(5) > 0) || given.ContainsKey(key.LocalName)))
        {
            values.Add((key.LocalName, given.GetValueOrDefault(key.LocalName) ?? LocalValue.Of(key.Type, random.Key(key, device.TakesHostileKeys), random, device.UuidBlobs)));
        }

        foreach (var column in Columns.Where(column => column.Role != ColumnRole.Key && !IsServers(column) && (column.IsRequired || random.Next(4) > 0 || given.ContainsKey(column.LocalName))))
        {
            values.Add((column.LocalName, given.GetValueOrDefault(column.LocalName) ?? LocalValue.Of(column.Type, random.Value(column, Parents), random, device.UuidBlobs)));
        }

        return values;
    }

    private LocalStatement Insert(string verb, IReadOnlyDictionary<string, object> given)
    {
        var values = NewRow(given);
        return values.Count == 0
            ? new LocalStatement($"insert into {_name} default values")
            : new LocalStatement($"{verb} into {_name} ({Names(values.Select(static value => value.Name))}) values ({Places(values.Count)})", [.. values.Select(static value => value.Value)]);
    }

    private Dictionary<string, object> KeyOf(IReadOnlyDictionary<string, object> row) => table.Keys.ToDictionary(static key => key.LocalName, key => row[key.LocalName], StringComparer.OrdinalIgnoreCase);

    private string Where(int first) => string.Join(" and ", table.Keys.Select((key, index) => $"{Sql.Quote(key.LocalName)} is $p{first + index}"));

    private IEnumerable<object> KeyValues(IReadOnlyDictionary<string, object> row) => table.Keys.Select(key => row[key.LocalName]);

    private LocalStatement Update(IReadOnlyDictionary<string, object> row)
    {
        var plain = Columns.Where(static column => column.Role is ColumnRole.Plain or ColumnRole.Reference).ToList();
        if (plain.Count == 0)
        {
            return Delete(row);
        }

        var chosen = Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Pick(plain)).Distinct().ToList();
        var set = string.Join(", ", chosen.Select(static (column, index) => $"{Sql.Quote(column.LocalName)} = $p{index}"));
        return new LocalStatement(
            $"update {_name} set {set} where {Where(chosen.Count)}",
            [.. chosen.Select(column => LocalValue.Of(column.Type, random.Value(column, Parents), random, device.UuidBlobs)), .. KeyValues(row)]);
    }

    private LocalStatement Delete(IReadOnlyDictionary<string, object> row) => new($"delete from {_name} where {Where(0)}", [.. KeyValues(row)]);

    private LocalStatement Replace(IReadOnlyDictionary<string, object> row) => Insert("insert or replace", KeyOf(row));

    private LocalStatement Upsert(IReadOnlyDictionary<string, object> row)
    {
        var insert = Insert("insert", KeyOf(row));
        var plain = Columns.Where(column => column.Role == ColumnRole.Plain && insert.Sql.Contains(Sql.Quote(column.LocalName), StringComparison.Ordinal)).ToList();
        var action = plain.Count == 0 ? "nothing" : "update set " + string.Join(", ", plain.Take(3).Select(static column => $"{Sql.Quote(column.LocalName)} = excluded.{Sql.Quote(column.LocalName)}"));
        return insert with { Sql = $"{insert.Sql} on conflict ({Names(table.Keys.Select(static key => key.LocalName))}) do {action}" };
    }

    private LocalStatement ChangeKey(IReadOnlyDictionary<string, object> row)
    {
        var key = random.Pick(table.Keys);
        return new LocalStatement($"update {_name} set {Sql.Quote(key.LocalName)} = $p0 where {Where(1)}", [LocalValue.Of(key.Type, random.Key(key, device.TakesHostileKeys), random, device.UuidBlobs), .. KeyValues(row)]);
    }

    private List<LocalStatement> Swap(ShapeColumn unique)
    {
        var (first, second) = (Rows[0], Rows[^1]);
        var set = $"update {_name} set {Sql.Quote(unique.LocalName)} = $p0 where {Where(1)}";
        return
        [
            new LocalStatement(set, [LocalValue.Of(unique.Type, unique.IsRequired ? unique.Kind.NextValue(random) : null, random, device.UuidBlobs), .. KeyValues(first)]),
            new LocalStatement(set, [first[unique.LocalName], .. KeyValues(second)]),
            new LocalStatement(set, [second[unique.LocalName], .. KeyValues(first)]),
        ];
    }

    /// <summary>Deletes a row and inserts another one with its unique value.</summary>
    private List<LocalStatement> Reuse(IReadOnlyDictionary<string, object> row, ShapeColumn unique) =>
        [Delete(row), Insert("insert", new Dictionary<string, object>(StringComparer.OrdinalIgnoreCase) { [unique.LocalName] = row[unique.LocalName] })];

    /// <summary>Inserts two rows that refer to each other.</summary>
    private List<LocalStatement> Circle()
    {
        var key = table.Keys[0];
        object[] keys = [.. Enumerable.Range(0, 2).Select(_ => LocalValue.Of(key.Type, random.Key(key, device.TakesHostileKeys), random, device.UuidBlobs))];
        var set = $"update {_name} set {Sql.Quote(table.Reference!.LocalName)} = $p0 where {Where(1)}";
        return
        [
            .. keys.Select(value => Insert("insert", new Dictionary<string, object>(StringComparer.OrdinalIgnoreCase) { [key.LocalName] = value, [table.Reference.LocalName] = DBNull.Value })),
            new LocalStatement(set, [keys[0], keys[1]]),
            new LocalStatement(set, [keys[1], keys[0]]),
        ];
    }

    private List<LocalStatement> UpdateAll()
    {
        var plain = Columns.Where(static column => column is { Role: ColumnRole.Plain, IsUnique: false }).ToList();
        if (plain.Count == 0)
        {
            return [Insert("insert", NoValues)];
        }

        var column = random.Pick(plain);
        return [new LocalStatement($"update {_name} set {Sql.Quote(column.LocalName)} = $p0", [LocalValue.Of(column.Type, random.Value(column), random, device.UuidBlobs)])];
    }
}
