using Agent.Sync.Sqlite.Database;

namespace Agent.Sync.Sqlite.Values;

/// <summary>Binds the values of one column, in the form in which Microsoft.Data.Sqlite parameters compare them. Chosen once per column.</summary>
internal abstract class ColumnBinder
{
    public static ColumnBinder For(ColumnType type, SqliteUuidFormat uuidFormat) => type switch
    {
        ColumnType.Text => new TextBinder(),
        ColumnType.Uuid => uuidFormat == SqliteUuidFormat.Text ? new UuidTextBinder() : new UuidBlobBinder(),
        ColumnType.Integer => new IntegerBinder(),
        ColumnType.Boolean => new BooleanBinder(),
        ColumnType.Double => new DoubleBinder(),
        ColumnType.Numeric => new NumericBinder(),
        ColumnType.Timestamptz => new TimeBinder(TimeText.WriteTimestamptz),
        ColumnType.Timestamp => new TimeBinder(TimeText.WriteTimestamp),
        ColumnType.Date => new TextBinder(),
        ColumnType.Time => new TimeBinder(TimeText.WriteTime),
        ColumnType.Json => new JsonBinder(),
        ColumnType.Bytes => new BytesBinder(),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    /// <summary>Binds a value that is not null.</summary>
    /// <returns>False when the value is not of the column's type.</returns>
    public abstract bool TryBind(SqliteStatement statement, int index, in PageCell cell, ScratchBuffer scratch);

    /// <summary>Takes a string's value, in the page's own bytes where it has no escapes.</summary>
    /// <returns>False when its escapes are no Unicode, such as half a surrogate pair.</returns>
    protected static bool TryGetText(in PageCell cell, ScratchBuffer scratch, out ReadOnlySpan<byte> text)
    {
        if (cell.Kind != PageCellKind.EscapedString)
        {
            text = cell.Utf8;
            return true;
        }

        text = Unescape(cell, scratch.Get(cell.Utf8.Length));
        return !text.IsEmpty;
    }

    /// <summary>Returns nothing when the escapes are wrong: no escape stands for nothing.</summary>
    protected static ReadOnlySpan<byte> Unescape(in PageCell cell, Span<byte> room)
    {
        var written = JsonText.Unescape(cell.Utf8, room);
        if (written >= 0)
        {
            return room[..written];
        }

        try
        {
            return room[..cell.CopyText(room)];
        }
        catch (InvalidOperationException)
        {
            return default;
        }
    }
}
