namespace Agent.Sync.Pull;

/// <summary>How many rows to ask for: the configured size, less while the database times out or a page is too large, and what the server's cap is.</summary>
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

    /// <summary>Halves the page after a statement timeout, which very small pages do not help. False when it is as small as it gets.</summary>
    public bool TryShrink() => TryShrink(Math.Min(Floor, _configured));

    /// <summary>Halves the page after one that had too many bytes, down to a single row. False when it is that already.</summary>
    public bool TryShrinkToBytes() => TryShrink(smallest: 1);

    /// <summary>Notes an answered page. A short page that another page follows shows the server's cap.</summary>
    /// <returns>Whether the page is as full as a page gets.</returns>
    public bool Note(int rows)
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
