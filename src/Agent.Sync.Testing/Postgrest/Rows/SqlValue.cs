using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Agent.Sync.Testing.Postgrest.Rows;

/// <summary>Values as PostgreSQL reads and compares them.</summary>
internal static class SqlValue
{
    public static object Parse(ColumnType type, string text)
    {
        object? value = type switch
        {
            ColumnType.Text => text,
            ColumnType.Uuid => TryUuid(text),
            ColumnType.Integer => TryInteger(text),
            ColumnType.Boolean => text switch { "true" or "t" => true, "false" or "f" => false, _ => null },
            ColumnType.Double => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null,
            ColumnType.Numeric => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null,
            ColumnType.Timestamptz or ColumnType.Timestamp => PostgresTimestamp.TryParse(text, out var time) ? time : throw Invalid("22007", type),
            ColumnType.Date => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : throw Invalid("22007", type),
            ColumnType.Time => TimeOnly.TryParse(text, CultureInfo.InvariantCulture, out var time) ? time : throw Invalid("22007", type),
            ColumnType.Bytes => text,
            _ => throw new PostgrestFailure(404, "42883", "operator does not exist: json = unknown"),
        };
        return value ?? throw Invalid("22P02", type);
    }

    /// <summary>Reads a row's JSON value; null for a JSON null.</summary>
    public static object? FromJson(ColumnType type, ReadOnlySpan<byte> json)
    {
        if (json.SequenceEqual("null"u8))
        {
            return null;
        }

        return type == ColumnType.Json ? Encoding.UTF8.GetString(json) : Parse(type, TextOf(json));
    }

    public static string TextOf(ReadOnlySpan<byte> json)
    {
        if (json[0] != (byte)'"')
        {
            return Encoding.UTF8.GetString(json);
        }

        var reader = new Utf8JsonReader(json);
        reader.Read();
        return reader.GetString()!;
    }

    public static int Compare(object left, object right, TextCollation collation) => (left, right) switch
    {
        (string a, string b) => collation == TextCollation.Natural ? CompareNatural(a, b) : CompareBytes(a, b),
        _ => ((IComparable)left).CompareTo(right),
    };

    /// <summary>Like a linguistic collation: letters before their case, lower case first, and never equal unless identical.</summary>
    private static int CompareNatural(string left, string right)
    {
        var folded = CompareBytes(left.ToUpperInvariant(), right.ToUpperInvariant());
        return folded != 0 ? folded : CompareBytes(right, left);
    }

    // UTF-16 order differs from UTF-8 order above U+FFFF; PostgreSQL compares UTF-8.
    private static int CompareBytes(string left, string right) =>
        Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right));

    private static UInt128? TryUuid(string text) =>
        text.Length == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-'
        && UInt128.TryParse(text.Replace("-", string.Empty, StringComparison.Ordinal), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;

    private static long? TryInteger(string text)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
        {
            return value;
        }

        return text.Length > 18 && text.TrimStart('-').All(char.IsAsciiDigit)
            ? throw new PostgrestFailure(400, "22003", "value is out of range for type bigint")
            : null;
    }

    private static PostgrestFailure Invalid(string code, ColumnType type) => new(400, code, $"invalid input syntax for type {type.ToString().ToLowerInvariant()}");
}
