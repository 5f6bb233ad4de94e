using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace Agent.Sync.Verify;

/// <summary>Hashes rows, by the server's or the store's JSON, as the SQL kit's digest does. Not safe for concurrent use.</summary>
internal sealed class RowHasher
{
    private readonly Column[] _columns;
    private readonly Column[] _keys;
    private readonly Column _cursor;
    private readonly Column? _deleted;
    private readonly ArrayBufferWriter<byte> _values = new();
    private readonly ArrayBufferWriter<byte> _array = new();
    private Column[] _compared;

    /// <param name="dataset">The dataset.</param>
    /// <param name="ordinals">The columns that are compared; the key's and the cursor are among them.</param>
    public RowHasher(Dataset dataset, IReadOnlyList<int> ordinals)
    {
        _columns = [.. ordinals.Select(ordinal => new Column(dataset.ColumnNamesUtf8[ordinal], dataset.Columns[ordinal]))];
        _compared = _columns;
        _keys = [.. dataset.KeyOrdinals.Select(ColumnOf)];
        _cursor = ColumnOf(dataset.CursorOrdinal);
        _deleted = dataset is { DeleteHandling: DeleteHandling.Remove, DeletedOrdinal: { } deleted } ? ColumnOf(deleted) : null;

        Column ColumnOf(int ordinal) => _columns[ordinals.Index().First(item => item.Item == ordinal).Index];
    }

    /// <summary>Leaves columns out of the rows' hashes that the server cannot compare.</summary>
    public void LeaveOut(IReadOnlyCollection<string> columns) =>
        _compared = [.. _columns.Where(column => !columns.Contains(column.Declared.Name, StringComparer.Ordinal))];

    /// <summary>Hashes a row. A column that is missing counts as null.</summary>
    /// <param name="json">A JSON object.</param>
    public RowHash Hash(ReadOnlySpan<byte> json)
    {
        Read(json);
        var key = HashOf(_keys);
        var row = HashOf(_compared);
        return new RowHash(key.Bucket, key.Value, row.Value, _cursor.IsNull ? null : PositionOf(ValueOf(_cursor)), _deleted is { IsNull: false });
    }

    private static long? PositionOf(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out long number, out var length) && length == text.Length ? number
        : text.SequenceEqual("infinity"u8) ? long.MaxValue
        : text.SequenceEqual("-infinity"u8) ? long.MinValue
        : null;

    private void Read(ReadOnlySpan<byte> json)
    {
        _values.ResetWrittenCount();
        foreach (var column in _columns)
        {
            column.IsNull = true;
        }

        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 512 });
        reader.Read();
        for (var next = 0; reader.Read() && reader.TokenType == JsonTokenType.PropertyName; next++)
        {
            var column = Find(ref reader, next);
            reader.Read();
            if (column is null)
            {
                reader.Skip();
                continue;
            }

            column.Start = _values.WrittenCount;
            column.IsNull = !CanonicalValue.TryWrite(column.Declared.Type, ref reader, _values);
            column.End = _values.WrittenCount;
        }
    }

    /// <summary>Finds a column, which nearly always comes in the order of the columns.</summary>
    private Column? Find(ref Utf8JsonReader reader, int next)
    {
        if (next < _columns.Length && reader.ValueTextEquals(_columns[next].Name))
        {
            return _columns[next];
        }

        foreach (var column in _columns)
        {
            if (reader.ValueTextEquals(column.Name))
            {
                return column;
            }
        }

        return null;
    }

    /// <summary>Hashes one value as it is, several as a JSON array of texts.</summary>
    private (int Bucket, ulong Value) HashOf(Column[] hashed)
    {
        if (hashed.Length == 1)
        {
            return HashOf(ValueOf(hashed[0]));
        }

        _array.ResetWrittenCount();
        for (var index = 0; index < hashed.Length; index++)
        {
            _array.Write(index == 0 ? "["u8 : ","u8);
            if (hashed[index].IsNull)
            {
                _array.Write("null"u8);
            }
            else
            {
                JsonStringText.Write(ValueOf(hashed[index]), _array);
            }
        }

        _array.Write("]"u8);
        return HashOf(_array.WrittenSpan);
    }

    private static (int Bucket, ulong Value) HashOf(ReadOnlySpan<byte> text)
    {
        Span<byte> hash = stackalloc byte[MD5.HashSizeInBytes];
#pragma warning disable CA5351 // Not against an attacker: PostgreSQL has it everywhere, and it tells rows apart.
        MD5.HashData(text, hash);
#pragma warning restore CA5351
        return ((int)(BinaryPrimitives.ReadUInt32BigEndian(hash) % BucketTable.Count), BinaryPrimitives.ReadUInt64BigEndian(hash));
    }

    private ReadOnlySpan<byte> ValueOf(Column column) => _values.WrittenSpan[column.Start..column.End];

    private sealed class Column(byte[] name, DatasetColumn declared)
    {
        public byte[] Name => name;

        public DatasetColumn Declared => declared;

        public bool IsNull { get; set; }

        public int Start { get; set; }

        public int End { get; set; }
    }
}

/// <summary>The hashes of a row.</summary>
/// <param name="Bucket">The bucket of its key.</param>
/// <param name="Key">The hash of its key.</param>
/// <param name="Row">The hash of the columns that are compared.</param>
/// <param name="Position">Where it stands in the order of change; null where it has no place there.</param>
/// <param name="IsDeleted">Whether it is marked as deleted, and such rows are removed locally.</param>
internal readonly record struct RowHash(int Bucket, ulong Key, ulong Row, long? Position, bool IsDeleted)
{
    // It comes from a row's values.
    public override string ToString() => nameof(RowHash);
}
