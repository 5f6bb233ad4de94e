using System.Text;

namespace Agent.Sync.Pull;

/// <summary>Checks that a pass's rows only ever advance, and returns where each page ends. Its memory does not grow with the table.</summary>
/// <remarks>With a server that repeats a position, the pass would download the same page for ever.</remarks>
internal sealed class PageOrderGuard
{
    private readonly Dataset _dataset;
    private readonly PageOrder _order;
    private readonly ColumnType _cursorType;
    private readonly bool _keysAreOnce;
    private readonly bool _keysMayRepeat;
    private readonly Dictionary<int, int> _seenInPage = [];
    private byte[][]? _lastKey;
    private byte[][]? _upTo;
    private long _lastCursor = long.MinValue;
    private CursorPosition? _landmark;
    private long _pages;
    private long _nextLandmark = 1;

    /// <param name="dataset">The dataset.</param>
    /// <param name="order">The pass's order.</param>
    /// <param name="after">Where the pass starts: a server that ignores the predicate is noticed on its first page.</param>
    /// <param name="content">What the pages hold: a key has one row, but several tombstones if the row left the user's view several times.</param>
    public PageOrderGuard(Dataset dataset, PageOrder order, CursorPosition? after, PageContent content = PageContent.Rows)
    {
        _dataset = dataset;
        _order = order;
        _cursorType = dataset.Columns[dataset.CursorOrdinal].Type;
        _keysAreOnce = content == PageContent.Rows;
        _keysMayRepeat = _keysAreOnce && (order == PageOrder.Cursor
            || dataset.KeyOrdinals.Any(ordinal => dataset.Columns[ordinal].Type == ColumnType.Text));
        if (after is { IsLowerBound: false })
        {
            _lastKey = ToUtf8(after.KeyValues);
        }

        if (after?.CursorValue is { } cursor && CursorNumber.TryParse(_cursorType, cursor, out var number))
        {
            _lastCursor = number;
        }
    }

    /// <summary>Gets or sets the last key that may come, or its first values; null where any may. A server that ignores the predicate is noticed.</summary>
    public IReadOnlyList<string>? UpTo
    {
        get;
        set
        {
            field = value;
            _upTo = value is null ? null : ToUtf8(value);
        }
    }

    /// <summary>Gets a value indicating whether rows without a cursor value may come. Only in key order, whose positions do not need it.</summary>
    public bool AllowsNoCursor { get; init; }

    private string CursorColumn => _dataset.Columns[_dataset.CursorOrdinal].Name;

    private string KeyColumn => _dataset.Columns[_dataset.KeyOrdinals[0]].Name;

    /// <summary>Checks one page and returns the position after its last row; null for an empty page.</summary>
    /// <exception cref="SyncProtocolException">The rows do not advance, or a row lacks a key or cursor value.</exception>
    public CursorPosition? Check(Page page)
    {
        _seenInPage.Clear();
        for (var row = 0; row < page.Count; row++)
        {
            CheckRow(page, row);
        }

        if (page.Count == 0)
        {
            return null;
        }

        if (_upTo is not null && RowKey.Compare(page, page.Count - 1, _upTo) == KeyComparison.After)
        {
            throw SyncProtocolException.OutOfOrder(_dataset.Name, KeyColumn, page.Count - 1);
        }

        var last = ReadPosition(page, page.Count - 1);
        CheckForLoop(last, page.Count - 1);
        Remember(page);
        return last;
    }

    private void CheckRow(Page page, int row)
    {
        // No foreach here: over an interface it would cost an enumerator per row.
        for (var part = 0; part < _dataset.KeyOrdinals.Count; part++)
        {
            var ordinal = _dataset.KeyOrdinals[part];
            if (page.GetCell(row, ordinal).IsNull)
            {
                throw SyncProtocolException.MissingValue(_dataset.Name, _dataset.Columns[ordinal].Name, row);
            }
        }

        var cursor = ReadCursor(page, row);
        var comparison = CompareWithRowBefore(page, row);

        // Between two requests the last row may be written again. It then rightly comes first on the next page, with a later stamp.
        var advances = _order == PageOrder.Key || cursor == _lastCursor
            ? comparison is KeyComparison.After or KeyComparison.Different || MayRepeat(comparison, row)
            : cursor > _lastCursor && (comparison != KeyComparison.Same || row == 0 || MayRepeat(comparison, row));
        if (!advances)
        {
            throw SyncProtocolException.OutOfOrder(
                _dataset.Name, _order == PageOrder.Key || cursor == _lastCursor ? KeyColumn : CursorColumn, row);
        }

        if (_keysMayRepeat)
        {
            CheckForRepeatedKey(page, row);
        }

        _lastCursor = cursor;
    }

    /// <summary>Only within a page: from one page to the next nothing repeats, because the predicate excludes the last key.</summary>
    private bool MayRepeat(KeyComparison comparison, int row) => !_keysAreOnce && comparison == KeyComparison.Same && row > 0;

    private long ReadCursor(Page page, int row)
    {
        var cell = page.GetCell(row, _dataset.CursorOrdinal);
        if (cell.IsNull)
        {
            return AllowsNoCursor ? _lastCursor : throw SyncProtocolException.MissingValue(_dataset.Name, CursorColumn, row);
        }

        return CursorNumber.TryParse(_cursorType, cell.Utf8, out var number)
            ? number
            : throw SyncSchemaException.CursorDoesNotFit(_dataset, cell, row);
    }

    private KeyComparison CompareWithRowBefore(Page page, int row)
    {
        if (row > 0)
        {
            return RowKey.Compare(page, row, row - 1);
        }

        return _lastKey is null ? KeyComparison.After : RowKey.Compare(page, row, _lastKey);
    }

    /// <summary>A page is one snapshot, so it has each key once. Where rising keys do not prove that, the keys are remembered.</summary>
    private void CheckForRepeatedKey(Page page, int row)
    {
        var hash = default(HashCode);
        for (var part = 0; part < _dataset.KeyOrdinals.Count; part++)
        {
            var ordinal = _dataset.KeyOrdinals[part];
            hash.AddBytes(page.GetCell(row, ordinal).Utf8);
        }

        if (_seenInPage.TryGetValue(hash.ToHashCode(), out var earlier)
            && RowKey.Compare(page, row, earlier) == KeyComparison.Same)
        {
            throw SyncProtocolException.OutOfOrder(_dataset.Name, KeyColumn, row);
        }

        _seenInPage[hash.ToHashCode()] = row;
    }

    /// <summary>Brent's cycle detection: one remembered position, moved at powers of two, detects every loop of pages.</summary>
    private void CheckForLoop(CursorPosition last, int row)
    {
        if (last.Equals(_landmark))
        {
            throw SyncProtocolException.OutOfOrder(_dataset.Name, KeyColumn, row);
        }

        if (++_pages == _nextLandmark)
        {
            _landmark = last;
            _nextLandmark *= 2;
        }
    }

    /// <summary>Keeps only the last key: the page itself goes on to the store and back to the pool.</summary>
    private void Remember(Page page)
    {
        if (_lastKey?.Length != _dataset.KeyOrdinals.Count)
        {
            _lastKey = new byte[_dataset.KeyOrdinals.Count][];
        }

        for (var part = 0; part < _lastKey.Length; part++)
        {
            _lastKey[part] = page.GetCell(page.Count - 1, _dataset.KeyOrdinals[part]).Utf8.ToArray();
        }
    }

    private static byte[][] ToUtf8(IReadOnlyList<string> keys) => [.. keys.Select(Encoding.UTF8.GetBytes)];

    private CursorPosition ReadPosition(Page page, int row) => new(
        _order,
        _order == PageOrder.Cursor ? page.GetCell(row, _dataset.CursorOrdinal).ReadText() : null,
        [.. _dataset.KeyOrdinals.Select(ordinal => page.GetCell(row, ordinal).ReadText())]);
}
