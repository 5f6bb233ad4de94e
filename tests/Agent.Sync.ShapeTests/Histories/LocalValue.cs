using System.Globalization;

namespace Agent.Sync.ShapeTests.Histories;

/// <summary>Canonical values in the forms in which an app binds them: Microsoft.Data.Sqlite's, and for a uuid any spelling.</summary>
internal static class LocalValue
{
    public static object Of(ColumnType type, string? canonical, Random random, bool uuidBlobs) => (type, canonical) switch
    {
        (_, null) => DBNull.Value,
        (ColumnType.Uuid, _) when uuidBlobs => Guid.Parse(canonical).ToByteArray(),
        (ColumnType.Uuid, _) => random.Next(4) switch { 0 => Guid.Parse(canonical), 1 => canonical, 2 => canonical.ToUpperInvariant(), _ => canonical },
        (ColumnType.Integer, _) => long.Parse(canonical, CultureInfo.InvariantCulture),
        (ColumnType.Boolean, _) => canonical == "true",
        (ColumnType.Double, _) => double.Parse(canonical, CultureInfo.InvariantCulture),
        (ColumnType.Numeric, _) when decimal.TryParse(canonical, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        (ColumnType.Timestamptz, _) => DateTimeOffset.Parse(canonical, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
        (ColumnType.Timestamp, _) => DateTime.Parse(canonical, CultureInfo.InvariantCulture),
        (ColumnType.Date, _) => DateOnly.ParseExact(canonical, "yyyy-MM-dd", CultureInfo.InvariantCulture),
        (ColumnType.Time, _) => TimeOnly.Parse(canonical, CultureInfo.InvariantCulture),
        (ColumnType.Bytes, _) => Convert.FromHexString(canonical.AsSpan(2)),
        _ => canonical,
    };

    public static string DeclaredType(ColumnType type, bool uuidBlobs) => type switch
    {
        ColumnType.Integer or ColumnType.Boolean => "INTEGER",
        ColumnType.Double => "REAL",
        ColumnType.Bytes => "BLOB",
        ColumnType.Uuid when uuidBlobs => "BLOB",
        _ => "TEXT",
    };
}
