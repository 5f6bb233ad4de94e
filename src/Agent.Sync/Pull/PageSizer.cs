using Agent.Sync.Configuration;

namespace Agent.Sync.Pull;

/// <summary>
/// How many rows to ask for: the size that the app fixed; else more with each full page that is small and quick. Fewer while the database times out
/// or a page is too large. Also finds the server's own cap. Shared by the chains of a pass; safe for concurrent use.
/// </summary>
internal sealed class PageSizer
{
    // Beyond the first size a page grows only up to this many bytes, so that a few pages at once stay a small part of the memory.
    private const int MostBytes = 2 * 1024 * 1024;
    private const int Floor = 10;
    private const int PagesBeforeGrowingBack = 16;

    // A slower page would show no progress for too long, and would lose too much when it has to be asked for again.
    private static readonly TimeSpan SlowPage = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly int _first;
    private readonly int _most;
    private volatile int _limit;
    private int _calmNeeded = 1;
    private int _calm;
    private int? _cap;

    /// <param name="first">The size of the first page.</param>
    /// <param name="most">The largest size to grow to; the first one when the app fixed it.</param>
    public PageSizer(int first, int most)
    {
        _first = first;
        _most = most;
        _limit = first;
    }

    public int Limit => _limit;

    /// <summary>Returns the sizer of a run: a size in the request or in the options is what the app wants, no more and no less.</summary>
    public static PageSizer For(SyncRequest request, SyncOptions options)
    {
        var first = request.PageSize ?? options.PageSize;
        return new PageSizer(first, request.PageSize is not null || options.PageSizeIsFixed ? first : OptionLimits.MaxPageSize);
    }

    /// <summary>Halves the page after a statement timeout, down to a size below which that no longer helps. False when what was asked for is that small already.</summary>
    public bool TryShrink(int asked) => TryShrink(asked, Math.Min(Floor, _first));

    /// <summary>Halves the page after one that had too many bytes, down to a single row. False when what was asked for is that already.</summary>
    public bool TryShrinkToBytes(int asked) => TryShrink(asked, smallest: 1);

    /// <summary>Records an answered page. A short page that another page of its chain follows shows the server's cap.</summary>
    /// <returns>Whether the page is as full as a page gets.</returns>
    public bool Record(PageChain chain, int asked, int rows, int bytes, TimeSpan elapsed)
    {
        lock (_gate)
        {
            if (rows > 0 && chain.ShortPage is { } cap)
            {
                _cap = Math.Max(_cap ?? 0, cap);
            }

            chain.ShortPage = rows < asked ? rows : null;
            if (MayGrow(asked, rows, bytes, elapsed) && ++_calm >= _calmNeeded)
            {
                _limit = Math.Min(_limit < _first ? _first : _most, _limit * 2);
                _calm = 0;
            }

            return rows > 0 && rows >= Math.Min(asked, _cap ?? asked);
        }
    }

    /// <summary>Back to the first size whatever comes, beyond it only with full pages that stay small and quick.</summary>
    private bool MayGrow(int asked, int rows, int bytes, TimeSpan elapsed) => _limit < _first
        || (_limit < _most && asked == _limit && rows == asked && bytes <= MostBytes / 2 && elapsed < SlowPage);

    private bool TryShrink(int asked, int smallest)
    {
        lock (_gate)
        {
            if (asked <= smallest)
            {
                return false;
            }

            // Where another chain has shrunk the page meanwhile, that is tried first.
            _limit = Math.Min(_limit, Math.Max(smallest, asked / 2));
            _calm = 0;
            _calmNeeded = PagesBeforeGrowingBack;
            return true;
        }
    }
}
