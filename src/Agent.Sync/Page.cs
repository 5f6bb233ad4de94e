using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Agent.Sync;

/// <summary>One response of the pager: rows as UTF-8 JSON, and the cursor after the last row.</summary>
/// <remarks>
/// A page owns its bytes and stays valid after the enumerator moves on. <see cref="Dispose"/> returns them to the pool;
/// without it they are garbage collected. Not safe for concurrent use.
/// </remarks>
public sealed class Page : IDisposable
{
    private readonly int _length;
    private readonly int _columns;
    private byte[]? _utf8;
    private PageCellSpan[]? _cells;
    private (int Start, int Length)[]? _rows;

    internal Page(Dataset dataset, byte[] utf8, int length, PageCellSpan[] cells, (int Start, int Length)[] rows, int count)
    {
        Dataset = dataset;
        Count = count;
        _utf8 = utf8;
        _length = length;
        _columns = dataset.Columns.Count;
        _cells = cells;
        _rows = rows;
    }

    /// <summary>Gets the dataset whose columns the cells follow.</summary>
    public Dataset Dataset { get; }

    /// <summary>Gets the number of rows, 0 to the page size.</summary>
    public int Count { get; }

    /// <summary>Gets the cursor after the last row; null for an empty page and for one from <see cref="Parse"/>.</summary>
    public Cursor? Next { get; internal set; }

    /// <summary>Gets the page as it was received: one JSON array of objects, UTF-8.</summary>
    /// <exception cref="ObjectDisposedException">The page was disposed.</exception>
    public ReadOnlyMemory<byte> Utf8Json => Bytes.AsMemory(0, _length);

    private byte[] Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(_utf8 is null, this);
            return _utf8;
        }
    }

    /// <summary>Reads a page from JSON, for tests and for stores of your own. The bytes are copied.</summary>
    /// <param name="dataset">The dataset whose columns every row must have.</param>
    /// <param name="utf8Json">A JSON array of objects.</param>
    /// <returns>The page; its <see cref="Next"/> is null.</returns>
    /// <exception cref="SyncProtocolException">The text is not such an array, or a row lacks a column.</exception>
    /// <exception cref="SyncSchemaException">A value does not fit its column's type.</exception>
    public static Page Parse(Dataset dataset, ReadOnlySpan<byte> utf8Json)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var buffer = PageMemory.Bytes.Rent(Math.Max(1, utf8Json.Length));
        utf8Json.CopyTo(buffer);
        return PageParser.Parse(dataset, buffer, utf8Json.Length, PageParser.DefaultMaxDepth);
    }

    /// <summary>Returns one row as the server sent it.</summary>
    /// <param name="row">The row's position, 0 to <see cref="Count"/> - 1.</param>
    /// <returns>One JSON object, UTF-8; valid until the page is disposed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    /// <exception cref="ObjectDisposedException">The page was disposed.</exception>
    public ReadOnlyMemory<byte> GetRow(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Count, nameof(row));
        var bytes = Bytes;
        var (start, length) = _rows![row];
        return bytes.AsMemory(start, length);
    }

    /// <summary>Returns one value.</summary>
    /// <param name="row">The row's position, 0 to <see cref="Count"/> - 1.</param>
    /// <param name="column">The column's position in the dataset's columns.</param>
    /// <returns>The cell; valid until the page is disposed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row or column.</exception>
    /// <exception cref="ObjectDisposedException">The page was disposed.</exception>
    public PageCell GetCell(int row, int column)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Count, nameof(row));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)column, (uint)_columns, nameof(column));
        var bytes = Bytes;
        var cell = _cells![(row * _columns) + column];
        return new PageCell(cell.Kind, bytes.AsSpan(cell.Start, cell.Length));
    }

    /// <summary>Reads the rows as objects, one at a time.</summary>
    /// <typeparam name="T">The row's type.</typeparam>
    /// <param name="typeInfo">The source-generated description of <typeparamref name="T"/>.</param>
    /// <returns>The rows in page order; read them before the page is disposed.</returns>
    /// <exception cref="JsonException">A row does not fit <typeparamref name="T"/>.</exception>
    public IEnumerable<T> Read<T>(JsonTypeInfo<T> typeInfo)
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        return Rows();

        IEnumerable<T> Rows()
        {
            for (var row = 0; row < Count; row++)
            {
                yield return JsonSerializer.Deserialize(GetRow(row).Span, typeInfo)
                    ?? throw new JsonException("A row was null.");
            }
        }
    }

    /// <summary>Returns the page's memory to the pool. The page and everything read from it must not be used afterwards.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _utf8, null) is not { } utf8)
        {
            return;
        }

        PageMemory.Bytes.Return(utf8);
        PageMemory.Cells.Return(_cells!);
        PageMemory.Rows.Return(_rows!);
        _cells = null;
        _rows = null;
    }
}
