using System.Globalization;
using Agent.Sync.Sqlite.Database;
using SQLitePCL;

namespace Agent.Sync.Sqlite.Applying;

/// <summary>Where a page of stored rows ends: in the parked rows, in the changes, or after a key of the table as SQLite keeps it.</summary>
/// <param name="Part">What is read: p, o or t.</param>
/// <param name="Number">The last entry, in p and o.</param>
/// <param name="Key">The last key, in t; empty for its beginning.</param>
internal sealed record KeptRowsToken(char Part, long Number, IReadOnlyList<string> Key)
{
    public const char Parked = 'p';

    public const char Changes = 'o';

    public const char Table = 't';

    public static KeptRowsToken Start { get; } = new(Parked, 0, []);

    public static KeptRowsToken Read(string? text)
    {
        if (text is null)
        {
            return Start;
        }

        var parts = text[1..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return text[0] == Table ? new KeptRowsToken(Table, 0, parts) : new KeptRowsToken(text[0], long.Parse(parts[0], CultureInfo.InvariantCulture), []);
    }

    public string Write() => Part == Table ? $"{Part}{string.Join(' ', Key)}" : string.Create(CultureInfo.InvariantCulture, $"{Part}{Number}");

    /// <summary>Returns a value of a statement's answer, exactly: a key that does not fit its type still has its place in the order.</summary>
    public static string ValueOf(SqliteStatement statement, int column) => statement.StorageOf(column) switch
    {
        raw.SQLITE_INTEGER => string.Create(CultureInfo.InvariantCulture, $"i{statement.Int64(column)}"),
        raw.SQLITE_FLOAT => string.Create(CultureInfo.InvariantCulture, $"f{BitConverter.DoubleToInt64Bits(statement.Double(column))}"),
        raw.SQLITE_TEXT => $"t{Convert.ToBase64String(statement.Bytes(column))}",
        raw.SQLITE_BLOB => $"b{Convert.ToBase64String(statement.Bytes(column))}",
        _ => "n",
    };

    public static void Bind(SqliteStatement statement, int index, string value)
    {
        switch (value[0])
        {
            case 'i':
                statement.Bind(index, long.Parse(value.AsSpan(1), CultureInfo.InvariantCulture));
                break;
            case 'f':
                statement.Bind(index, BitConverter.Int64BitsToDouble(long.Parse(value.AsSpan(1), CultureInfo.InvariantCulture)));
                break;
            case 't':
                statement.BindText(index, Convert.FromBase64String(value[1..]));
                break;
            case 'b':
                statement.BindBlob(index, Convert.FromBase64String(value[1..]));
                break;
            default:
                statement.BindNull(index);
                break;
        }
    }

    // It may hold a key.
    public override string ToString() => Part.ToString();
}
