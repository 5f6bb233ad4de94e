using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Agent.Sync.Sqlite.Database;

namespace Agent.Sync.Sqlite.Values;

/// <summary>Writes JSON objects of stored values, one after the other, into memory that is used again. Not safe for concurrent use.</summary>
internal sealed class StoredJson : IDisposable
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly Dataset _dataset;
    private readonly JsonEncodedText[] _names;
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly ScratchBuffer _scratch = new();
    private readonly Utf8JsonWriter _writer;

    public StoredJson(Dataset dataset)
    {
        _dataset = dataset;
        _names = [.. dataset.Columns.Select(static column => JsonEncodedText.Encode(column.Name))];
        _writer = new Utf8JsonWriter(_buffer, Options);
    }

    /// <summary>Gets everything written since <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    public int Length => _buffer.WrittenCount;

    public void Clear() => _buffer.ResetWrittenCount();

    public void StartObject()
    {
        _writer.Reset(_buffer);
        _writer.WriteStartObject();
    }

    public void EndObject()
    {
        _writer.WriteEndObject();
        _writer.Flush();
    }

    /// <summary>Writes one object and returns a copy of it. Everything written before is cleared.</summary>
    /// <param name="ordinals">The columns' positions in the dataset.</param>
    /// <param name="statement">The statement, at a row.</param>
    /// <param name="first">The position of the first of them in the statement; the others follow.</param>
    public byte[] ToObject(IReadOnlyList<int> ordinals, SqliteStatement statement, int first)
    {
        Clear();
        StartObject();
        for (var index = 0; index < ordinals.Count; index++)
        {
            Write(ordinals[index], statement, first + index);
        }

        EndObject();
        return Written.ToArray();
    }

    /// <summary>Writes a column of the dataset.</summary>
    /// <param name="ordinal">The column's position in the dataset.</param>
    /// <param name="statement">The statement, at a row.</param>
    /// <param name="column">The column's position in the statement.</param>
    /// <param name="isUntouched">Whether nobody edited it: then a number has no decimals that only its local form needs.</param>
    /// <returns>False when the stored value cannot be one of the column's type.</returns>
    public bool TryWrite(int ordinal, SqliteStatement statement, int column, bool isUntouched = false)
    {
        _writer.WritePropertyName(_names[ordinal]);
        if (isUntouched && _dataset.Columns[ordinal].Type == ColumnType.Numeric && StoredValue.TryWriteWhole(_writer, statement, column))
        {
            return true;
        }

        return StoredValue.TryWrite(_writer, statement, column, _dataset.Columns[ordinal].Type, _scratch);
    }

    /// <summary>Writes a column of the dataset, as it is found where it does not fit.</summary>
    public void Write(int ordinal, SqliteStatement statement, int column)
    {
        _writer.WritePropertyName(_names[ordinal]);
        if (!StoredValue.TryWrite(_writer, statement, column, _dataset.Columns[ordinal].Type, _scratch))
        {
            StoredValue.WriteAsFound(_writer, statement, column, _scratch);
        }
    }

    /// <summary>Writes a value without the quotes of a text; nothing for NULL.</summary>
    public bool TryWriteBare(int ordinal, SqliteStatement statement, int column)
    {
        if (statement.IsNull(column))
        {
            return true;
        }

        Span<byte> room = stackalloc byte[TimeText.MaxLength];
        if (_dataset.Columns[ordinal].Type == ColumnType.Timestamptz)
        {
            if (!ServerTimeText.TryWrite(ColumnType.Timestamptz, statement.Bytes(column), room, out var written))
            {
                return false;
            }

            _buffer.Write(room[..written]);
            return true;
        }

        _writer.Reset(_buffer);
        var isValid = StoredValue.TryWrite(_writer, statement, column, _dataset.Columns[ordinal].Type, _scratch);
        _writer.Flush();
        return isValid;
    }

    public void Dispose()
    {
        _writer.Dispose();
        _scratch.Dispose();
    }
}
