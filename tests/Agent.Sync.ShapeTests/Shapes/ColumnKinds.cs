using System.Globalization;

namespace Agent.Sync.ShapeTests.Shapes;

/// <summary>Every kind of column that a shape may have.</summary>
internal static class ColumnKinds
{
    private static readonly string[] Texts =
        ["", "a", "A", "null", "it's", "say \"hi\"", "two words", "ümlaut ß", "😀", "line\nbreak", "100%", "a,b", "(x)", "{y}", "back\\slash", "  blanks  "];

    public static ColumnKind Text { get; } = new("text", ColumnType.Text, NextText);

    public static ColumnKind Uuid { get; } = new("uuid", ColumnType.Uuid, NextUuid);

    public static ColumnKind BigInteger { get; } = new("bigint", ColumnType.Integer, static random => Number(random.NextInt64(-9_007_199_254_740_991, 9_007_199_254_740_991)));

    public static ColumnKind Timestamptz { get; } = new("timestamptz", ColumnType.Timestamptz, static random => Instant(random, "+00"));

    /// <summary>Gets what only the double can do: the embedded server answers bytea as an object, a JSON text without its quotes, and rounds large numbers.</summary>
    public static IReadOnlyList<ColumnKind> OfTheDouble { get; } =
    [
        new("bytea", ColumnType.Bytes, static random =>
        {
            var bytes = new byte[random.Next(0, 6)];
            random.NextBytes(bytes);
            return "\\x" + Convert.ToHexStringLower(bytes);
        }),
        new("jsonb", ColumnType.Json, static random => random.Next(2) == 0 ? "\"text\"" : "[\"a\",\"b c\"]"),
        new("numeric", ColumnType.Numeric, static random => Oracles.Canonical.Decimal($"-{Number(random.NextInt64(1, 1_000_000_000))}{Number(random.NextInt64(1, 1_000_000_000_000_000_000))}.5")),
        new("bigint", ColumnType.Integer, static random => Number(random.NextInt64(long.MinValue, long.MaxValue))),
    ];

    public static IReadOnlyList<ColumnKind> All { get; } =
    [
        Text, Text,
        new("varchar(40)", ColumnType.Text, NextText),
        Uuid,
        new("smallint", ColumnType.Integer, static random => Number(random.Next(-32_768, 32_768))),
        new("integer", ColumnType.Integer, static random => Number(random.Next(int.MinValue, int.MaxValue))),
        BigInteger,
        new("boolean", ColumnType.Boolean, static random => random.Next(2) == 0 ? "false" : "true"),
        new("real", ColumnType.Double, static random => Number(random.Next(-1_000, 1_000) / 8.0)),
        new("double precision", ColumnType.Double, NextDouble),
        new("numeric", ColumnType.Numeric, NextNumeric),
        new("numeric(12,3)", ColumnType.Numeric, static random => Oracles.Canonical.Decimal(Number(random.Next(-1_000_000, 1_000_000) / 1_000m))),
        Timestamptz,
        new("timestamp", ColumnType.Timestamp, static random => Instant(random, string.Empty)),
        new("date", ColumnType.Date, static random => new DateOnly(2020, 1, 1).AddDays(random.Next(5_000)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
        new("time", ColumnType.Time, static random => new TimeOnly(random.NextInt64(86_400_000_000) * 10).ToString("HH:mm:ss.ffffff", CultureInfo.InvariantCulture)),
        new("json", ColumnType.Json, NextJson),
        new("jsonb", ColumnType.Json, NextJson),
    ];

    /// <summary>Gets the kinds that a key's column may have.</summary>
    public static IReadOnlyList<ColumnKind> Keys { get; } = [.. All.Where(static kind => kind.CanBeKey).Append(Uuid).Append(Uuid)];

    /// <summary>Draws a value of a key. The embedded server's own parser fails on some texts in a filter; the double takes them all.</summary>
    public static string NextKey(this ColumnKind kind, Random random, bool isHostile) => kind.Type switch
    {
        ColumnType.Text when isHostile && random.Next(3) == 0 => Texts[random.Next(1, Texts.Length)] + Number(random.Next(100)),
        ColumnType.Text => string.Create(CultureInfo.InvariantCulture, $"{Pick(random, "k", "K", "é", "x-y.", "o'")}{random.Next(1_000)}"),
        ColumnType.Integer => Number(random.Next(1, 30_000)),
        _ => kind.NextValue(random),
    };

    private static string NextText(Random random) =>
        random.Next(3) == 0 ? Texts[random.Next(Texts.Length)] : string.Create(CultureInfo.InvariantCulture, $"{Pick(random, "w", "W", "v")}{random.Next(10_000)}");

    private static string NextUuid(Random random)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes).ToString();
    }

    private static string NextDouble(Random random) => Number(random.Next(4) == 0 ? random.NextDouble() * 1e20 : random.Next(-100_000, 100_000) / 16.0);

    private static string NextNumeric(Random random) => Oracles.Canonical.Decimal(Number(random.Next(-1_000_000_000, 1_000_000_000) / 10_000m));

    private static string NextJson(Random random) => random.Next(4) switch
    {
        0 => Number(random.Next(1_000)),
        1 => $"[{Number(random.Next(9))},true,null]",
        2 => $"{{\"a\":{Number(random.Next(9))},\"b\":{{\"c\":\"ü'\\\"\"}}}}",
        _ => "{}",
    };

    private static string Instant(Random random, string zone) =>
        new DateTime(2020, 1, 1).AddTicks(random.NextInt64(200_000_000_000_000) * 10).ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture) + zone;

    private static string Pick(Random random, params ReadOnlySpan<string> items) => items[random.Next(items.Length)];

    private static string Number(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}
