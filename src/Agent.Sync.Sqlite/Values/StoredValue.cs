using System.Buffers.Text;
using System.Text.Json;
using System.Text.Unicode;
using Agent.Sync.Sqlite.Database;
using SQLitePCL;

namespace Agent.Sync.Sqlite.Values;

/// <summary>Writes a stored value as the JSON that the server reads, straight from SQLite's memory: the inverse of the column binders.</summary>
internal static class StoredValue
{
    private const int UuidLength = 16;

    private const int UuidTextLength = 36;

    private const int BracedUuidTextLength = 38;

    private const int BareUuidTextLength = 32;

    private const int MaxJsonDepth = 512;

    /// <summary>Writes a value.</summary>
    /// <returns>False when it cannot be one of the column's type; what was written is then of no use.</returns>
    public static bool TryWrite(Utf8JsonWriter writer, SqliteStatement statement, int column, ColumnType type, ScratchBuffer scratch)
    {
        var storage = statement.StorageOf(column);
        if (storage == raw.SQLITE_NULL)
        {
            writer.WriteNullValue();
            return true;
        }

        return type switch
        {
            ColumnType.Uuid => storage is raw.SQLITE_TEXT or raw.SQLITE_BLOB && TryWriteUuid(writer, statement, column),
            ColumnType.Integer => storage == raw.SQLITE_INTEGER && Write(writer, statement.Int64(column)),
            ColumnType.Boolean => storage == raw.SQLITE_INTEGER && TryWriteBoolean(writer, statement.Int64(column)),
            ColumnType.Double => TryWriteDouble(writer, statement, column, storage),
            ColumnType.Numeric => TryWriteNumeric(writer, statement, column, storage),
            ColumnType.Json => storage != raw.SQLITE_BLOB && TryWriteJson(writer, statement.Bytes(column)),
            ColumnType.Bytes => storage == raw.SQLITE_BLOB && WriteHex(writer, statement.Bytes(column), scratch),
            ColumnType.Timestamptz or ColumnType.Timestamp or ColumnType.Date or ColumnType.Time => storage == raw.SQLITE_TEXT && TryWriteTime(writer, type, statement.Bytes(column)),
            // A column without a declared type may hold a number where a text is meant.
            _ => storage != raw.SQLITE_BLOB && TryWriteText(writer, statement.Bytes(column)),
        };
    }

    /// <summary>Writes a whole number as such, whose local form ends in <c>.0</c>: PostgreSQL would keep the zero.</summary>
    /// <returns>False for anything else; nothing is written then.</returns>
    public static bool TryWriteWhole(Utf8JsonWriter writer, SqliteStatement statement, int column)
    {
        if (statement.StorageOf(column) != raw.SQLITE_TEXT || statement.Bytes(column) is not [.. var digits, (byte)'.', (byte)'0'] || !JsonNumber.IsValid(digits))
        {
            return false;
        }

        writer.WriteRawValue(digits, skipInputValidation: true);
        return true;
    }

    /// <summary>Writes any value so that a person can tell what it is, whatever the column's type.</summary>
    public static void WriteAsFound(Utf8JsonWriter writer, SqliteStatement statement, int column, ScratchBuffer scratch)
    {
        if (statement.IsBlob(column))
        {
            WriteHex(writer, statement.Bytes(column), scratch);
        }
        else
        {
            writer.WriteStringValue(statement.Text(column));
        }
    }

    private static bool Write(Utf8JsonWriter writer, long value)
    {
        writer.WriteNumberValue(value);
        return true;
    }

    private static bool TryWriteBoolean(Utf8JsonWriter writer, long value)
    {
        writer.WriteBooleanValue(value == 1);
        return value is 0 or 1;
    }

    private static bool TryWriteText(Utf8JsonWriter writer, ReadOnlySpan<byte> text)
    {
        if (!Utf8.IsValid(text))
        {
            return false;
        }

        writer.WriteStringValue(text);
        return true;
    }

    /// <summary>Reads a uuid in any form in which an app may have stored one: 16 bytes, or a text that PostgreSQL reads, with or without hyphens or braces.</summary>
    public static bool TryReadUuid(SqliteStatement statement, int column, out Guid value)
    {
        var bytes = statement.Bytes(column);
        value = default;
        if (statement.IsBlob(column))
        {
            value = bytes.Length == UuidLength ? new Guid(bytes) : default;
            return bytes.Length == UuidLength;
        }

        var format = bytes.Length switch
        {
            UuidTextLength => 'D',
            BracedUuidTextLength when bytes[0] == (byte)'{' => 'B',
            BareUuidTextLength => 'N',
            _ => default,
        };
        return format != default && Utf8Parser.TryParse(bytes, out value, out var read, format) && read == bytes.Length;
    }

    private static bool TryWriteUuid(Utf8JsonWriter writer, SqliteStatement statement, int column)
    {
        if (!TryReadUuid(statement, column, out var value))
        {
            return false;
        }

        writer.WriteStringValue(value);
        return true;
    }

    private static bool TryWriteDouble(Utf8JsonWriter writer, SqliteStatement statement, int column, int storage)
    {
        if (storage is not (raw.SQLITE_FLOAT or raw.SQLITE_INTEGER))
        {
            return false;
        }

        var value = statement.Double(column);
        if (double.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteStringValue(value > 0 ? "Infinity"u8 : "-Infinity"u8);
        }

        return true;
    }

    private static bool TryWriteNumeric(Utf8JsonWriter writer, SqliteStatement statement, int column, int storage)
    {
        var digits = statement.Bytes(column);
        if (storage == raw.SQLITE_BLOB)
        {
            return false;
        }

        if (JsonNumber.IsValid(digits))
        {
            writer.WriteRawValue(digits, skipInputValidation: true);
            return true;
        }

        if (digits.SequenceEqual("NaN"u8) || digits.SequenceEqual("Infinity"u8) || digits.SequenceEqual("-Infinity"u8))
        {
            writer.WriteStringValue(digits);
            return true;
        }

        return false;
    }

    private static bool TryWriteJson(Utf8JsonWriter writer, ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxJsonDepth });
            while (reader.Read())
            {
                // Its end is what is looked for.
            }
        }
        catch (JsonException)
        {
            return false;
        }

        writer.WriteRawValue(json, skipInputValidation: true);
        return true;
    }

    private static bool TryWriteTime(Utf8JsonWriter writer, ColumnType type, ReadOnlySpan<byte> text)
    {
        Span<byte> room = stackalloc byte[TimeText.MaxLength];
        if (!ServerTimeText.TryWrite(type, text, room, out var written))
        {
            return false;
        }

        writer.WriteStringValue(room[..written]);
        return true;
    }

    private static bool WriteHex(Utf8JsonWriter writer, ReadOnlySpan<byte> bytes, ScratchBuffer scratch)
    {
        var text = scratch.Get((bytes.Length * 2) + 5);
        "\"\\\\x"u8.CopyTo(text);
        Convert.TryToHexStringLower(bytes, text[4..], out var written);
        text[written + 4] = (byte)'"';
        writer.WriteRawValue(text, skipInputValidation: true);
        return true;
    }
}
