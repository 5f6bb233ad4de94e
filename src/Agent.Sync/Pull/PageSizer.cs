namespace Agent.Sync.Pull;

/// <summary>How many rows to ask for: the configured size, or fewer while the database times out or a page is too large. Also finds the server's own cap.</summary>
internal sealed class PageSizer
{
    private const int Floor = 10;
    private const int PagesBeforeGrowing = 16;

    private readonly int _configured;
    private int _calm;
    private int? _cap;
    private int? _shortPage;

    public PageSizer(int configured)
    {
        _configured = configured;
        Limit = configured;
    }

    public int Limit { get; private set; }

    /// <summary>Halves the page after a statement timeout, down to a size below which that no longer helps. False when it is that small already.</summary>
    public bool TryShrink() => TryShrink(Math.Min(Floor, _configured));

    /// <summary>Halves the page after one that had too many bytes, down to a single row. False when it is that already.</summary>
    public bool TryShrinkToBytes() => TryShrink(smallest: 1);

    /// <summary>Records an answered page. A short page that another page follows shows the server's cap.</summary>
    /// <returns>Whether the page is as full as a page gets.</returns>
    public bool Record(int rows)
    {
        if (rows > 0 && _shortPage is { } cap)
        {
            _cap = Math.Max(_cap ?? 0, cap);
        }

        _shortPage = rows < Limit ? rows : null;
        var full = rows > 0 && rows >= Math.Min(Limit, _cap ?? Limit);
        if (Limit < _configured && ++_calm >= PagesBeforeGrowing)
        {
            Limit = Math.Min(_configured, Limit * 2);
            _calm = 0;
        }

        return full;
    }

    private bool TryShrink(int smallest)
    {
        if (Limit <= smallest)
        {
            return false;
        }

        Limit = Math.Max(smallest, Limit / 2);
        _calm = 0;
        return true;
    }
}
