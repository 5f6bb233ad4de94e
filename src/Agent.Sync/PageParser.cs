using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;

namespace Agent.Sync;

/// <summary>Finds every row and cell of a page in one pass, so that no later stage parses JSON again.</summary>
internal static class PageParser
{
    public const int DefaultMaxDepth = 64;

    private const int FirstRows = 128;

    /// <summary>Takes over the buffer: it goes to the page, or back to the pool when the parse fails.</summary>
    public static Page Parse(Dataset dataset, byte[] buffer, int length, int maxDepth)
    {
        var parse = new Work(dataset);
        try
        {
            // The reader does not look inside strings, so bytes that are not UTF-8 would reach the store.
            if (!Utf8.IsValid(buffer.AsSpan(0, length)))
            {
                throw SyncProtocolException.Malformed(dataset.Name);
            }

            parse.Run(buffer.AsSpan(0, length), maxDepth);
            return parse.ToPage(buffer, length);
        }
        catch (Exception exception)
        {
            parse.Abandon();
            PageMemory.Bytes.Return(buffer);
            if (exception is JsonException or InvalidOperationException)
            {
                // Not as an inner exception: a reader's message may quote the text around the fault, which is a row.
                throw SyncProtocolException.Malformed(dataset.Name);
            }

            throw;
        }
    }

    private static bool Fits(ColumnType type, PageCellKind kind) => kind switch
    {
        PageCellKind.Null => true,
        PageCellKind.True or PageCellKind.False => type is ColumnType.Boolean or ColumnType.Json,
        PageCellKind.Composite => type is ColumnType.Json,
        PageCellKind.Number => type is ColumnType.Integer or ColumnType.Double or ColumnType.Numeric or ColumnType.Json,
        _ => type is not (ColumnType.Integer or ColumnType.Boolean),
    };

    private ref struct Work
    {
        private readonly Dataset _dataset;
        private readonly byte[][] _names;
        private readonly int _columns;
        private PageCellSpan[] _cells;
        private (int Start, int Length)[] _rows;
        private int _count;

        public Work(Dataset dataset)
        {
            _dataset = dataset;
            _names = dataset.ColumnNamesUtf8;
            _columns = _names.Length;
            _cells = PageMemory.Cells.Rent(FirstRows * _columns);
            _rows = PageMemory.Rows.Rent(FirstRows);
            _count = 0;
        }

        public void Run(ReadOnlySpan<byte> utf8, int maxDepth)
        {
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = maxDepth });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            {
                throw SyncProtocolException.Malformed(_dataset.Name);
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType != JsonTokenType.StartObject)
                {
                    throw SyncProtocolException.Malformed(_dataset.Name);
                }

                ReadRow(ref reader);
            }

            // Anything after the array makes the reader throw here.
            reader.Read();
        }

        public Page ToPage(byte[] buffer, int length) => new(_dataset, buffer, length, _cells, _rows, _count);

        public readonly void Abandon()
        {
            PageMemory.Cells.Return(_cells);
            PageMemory.Rows.Return(_rows);
        }

        private void ReadRow(ref Utf8JsonReader reader)
        {
            EnsureRoom();
            var start = (int)reader.TokenStartIndex;
            var cells = _cells.AsSpan(_count * _columns, _columns);
            cells.Clear();
            var found = 0;
            var expected = 0;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var column = FindColumn(ref reader, expected);
                reader.Read();
                if (column < 0)
                {
                    reader.TrySkip();
                    continue;
                }

                // Start 0 is the array's bracket, so it marks a cell not seen yet.
                if (cells[column].Start != 0)
                {
                    throw SyncProtocolException.DuplicateName(_dataset.Name, _dataset.Columns[column].Name, _count);
                }

                cells[column] = ReadCell(ref reader, column);
                found++;
                expected = column + 1;
            }

            if (found != _columns)
            {
                ThrowMissing(cells);
            }

            _rows[_count++] = (start, (int)reader.BytesConsumed - start);
        }

        private readonly int FindColumn(ref Utf8JsonReader reader, int expected)
        {
            // PostgREST answers in the order of select=, so the first guess is nearly always right.
            if (expected < _columns && reader.ValueTextEquals(_names[expected]))
            {
                return expected;
            }

            for (var column = 0; column < _columns; column++)
            {
                if (reader.ValueTextEquals(_names[column]))
                {
                    return column;
                }
            }

            return -1;
        }

        private readonly PageCellSpan ReadCell(ref Utf8JsonReader reader, int column)
        {
            var start = (int)reader.TokenStartIndex;
            var kind = reader.TokenType switch
            {
                JsonTokenType.String => reader.ValueIsEscaped ? PageCellKind.EscapedString : PageCellKind.String,
                JsonTokenType.Number => PageCellKind.Number,
                JsonTokenType.True => PageCellKind.True,
                JsonTokenType.False => PageCellKind.False,
                JsonTokenType.Null => PageCellKind.Null,
                _ => PageCellKind.Composite,
            };
            if (!Fits(_dataset.Columns[column].Type, kind))
            {
                throw SyncSchemaException.ValueDoesNotFit(_dataset.Name, _dataset.Columns[column], kind, _count);
            }

            if (kind == PageCellKind.Composite)
            {
                reader.TrySkip();
                return new PageCellSpan(start, (int)reader.BytesConsumed - start, kind);
            }

            // A json column keeps the JSON text itself, so a string there keeps its quotes.
            if (kind is PageCellKind.String or PageCellKind.EscapedString)
            {
                if (_dataset.Columns[column].Type != ColumnType.Json && kind == PageCellKind.EscapedString)
                {
                    RequireUnicode(ref reader);
                }

                return _dataset.Columns[column].Type == ColumnType.Json
                    ? new PageCellSpan(start, reader.ValueSpan.Length + 2, PageCellKind.Composite)
                    : new PageCellSpan(start + 1, reader.ValueSpan.Length, kind);
            }

            return new PageCellSpan(start, reader.ValueSpan.Length, kind);
        }

        /// <summary>Half a surrogate pair is valid JSON but no text; PostgreSQL never holds one, so the search nearly always ends it.</summary>
        private static void RequireUnicode(ref Utf8JsonReader reader)
        {
            if (reader.ValueSpan.IndexOf("\\ud"u8) < 0 && reader.ValueSpan.IndexOf("\\uD"u8) < 0)
            {
                return;
            }

            var text = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
            try
            {
                reader.CopyString(text);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(text);
            }
        }

        private void EnsureRoom()
        {
            if (_count < _rows.Length && (_count + 1) * _columns <= _cells.Length)
            {
                return;
            }

            Grow(PageMemory.Rows, ref _rows, _count, Math.Max(_count * 2, FirstRows));
            Grow(PageMemory.Cells, ref _cells, _count * _columns, Math.Max(_count * 2, FirstRows) * _columns);
        }

        private static void Grow<T>(ArrayPool<T> pool, ref T[] array, int used, int length)
        {
            var larger = pool.Rent(length);
            array.AsSpan(0, used).CopyTo(larger);
            pool.Return(array);
            array = larger;
        }

        [DoesNotReturn]
        private readonly void ThrowMissing(ReadOnlySpan<PageCellSpan> cells)
        {
            for (var column = 0; column < _columns; column++)
            {
                if (cells[column].Start == 0)
                {
                    throw SyncProtocolException.MissingColumn(_dataset.Name, _dataset.Columns[column].Name, _count);
                }
            }

            throw SyncProtocolException.Malformed(_dataset.Name);
        }
    }
}
