using System.Buffers;
using System.Text.Json;

namespace Agent.Sync.Push.Rows;

/// <summary>Compares the JSON of a change, its key or its values, with a row of the server.</summary>
internal static class SentValues
{
    /// <summary>Tells whether the server's row has every value of the object.</summary>
    public static bool AreIn(ReadOnlySpan<byte> sent, Page page, int row) => AreIn(sent, page, row, static _ => true);

    /// <summary>Tells whether the server's row has the object's values of the columns that count.</summary>
    public static bool AreIn(ReadOnlySpan<byte> sent, Page page, int row, Func<int, bool> counts)
    {
        var reader = new Utf8JsonReader(sent);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var column = FindColumn(page.Dataset, ref reader);
            reader.Read();
            if (column >= 0 && !counts(column))
            {
                reader.Skip();
            }
            else if (column < 0 || !IsSame(sent, ref reader, page.Dataset.Columns[column].Type, page.GetCell(row, column)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Tells whether the server's row has every value of the object, or none in its place.</summary>
    public static bool AreInOrMissing(ReadOnlySpan<byte> sent, Page page, int row) =>
        AreIn(sent, page, row, column => !page.GetCell(row, column).IsNull);

    public static int FindColumn(Dataset dataset, ref Utf8JsonReader reader)
    {
        for (var column = 0; column < dataset.ColumnNamesUtf8.Length; column++)
        {
            if (reader.ValueTextEquals(dataset.ColumnNamesUtf8[column]))
            {
                return column;
            }
        }

        return -1;
    }

    private static bool IsSame(ReadOnlySpan<byte> sent, ref Utf8JsonReader reader, ColumnType type, PageCell cell)
    {
        if (reader.TokenType == JsonTokenType.Null || cell.IsNull)
        {
            return reader.TokenType == JsonTokenType.Null && cell.IsNull;
        }

        if (type == ColumnType.Json)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            return ValueEquality.AreSame(type, sent[start..(int)reader.BytesConsumed], cell.Utf8);
        }

        if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            return false;
        }

        return reader.ValueIsEscaped || cell.Kind == PageCellKind.EscapedString
            ? IsSameUnescaped(ref reader, type, cell)
            : ValueEquality.AreSame(type, reader.ValueSpan, cell.Utf8);
    }

    private static bool IsSameUnescaped(ref Utf8JsonReader reader, ColumnType type, PageCell cell)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length + cell.Utf8.Length);
        try
        {
            var sent = reader.ValueSpan.Length;
            if (reader.TokenType == JsonTokenType.String)
            {
                sent = reader.CopyString(bytes);
            }
            else
            {
                reader.ValueSpan.CopyTo(bytes);
            }

            var server = cell.Utf8.Length;
            if (cell.Kind == PageCellKind.EscapedString)
            {
                server = cell.CopyText(bytes.AsSpan(sent));
            }
            else
            {
                cell.Utf8.CopyTo(bytes.AsSpan(sent));
            }

            return ValueEquality.AreSame(type, bytes.AsSpan(0, sent), bytes.AsSpan(sent, server));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
