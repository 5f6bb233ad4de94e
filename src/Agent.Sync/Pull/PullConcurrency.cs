namespace Agent.Sync.Pull;

/// <summary>
/// How many pages may be under way at once. One at first; twice as many while the writer waits, as long as that brings more pages in the same time. Where it
/// does not, the server or the network is busy as it is, and the number goes back. Half as many where the server pushes back.
/// </summary>
/// <param name="most">The most there may be.</param>
/// <param name="writer">Tells whether the writer waits.</param>
internal sealed class PullConcurrency(int most, WriterWatch writer)
{
    // A table of a few pages is read before more requests could help it.
    private const int SmallestRound = 4;

    // Less is within the noise of a few pages.
    private const double WorthIt = 1.1;

    // A network or a server may become faster: now and then more is tried again.
    private const int RoundsOfRest = 32;

    // All pages under way together, so that memory stays flat whatever a row weighs.
    private const int MostBytes = 16 * 1024 * 1024;

    // Pages that come as quickly as this leave nothing to gain: one is under way while another is written, as it is.
    private static readonly TimeSpan QuickPage = TimeSpan.FromMilliseconds(4);

    private (int Target, double Rate)? _before;
    private int _asked;
    private int _rest;
    private int _skip;
    private double _sum;
    private int _pages;
    private int _waits;

    public int Target { get; private set; } = 1;

    /// <summary>Records a full page: only those compare.</summary>
    public void Record(PulledPage page)
    {
        if (page.Asked != _asked)
        {
            // Pages of another size take another time.
            _asked = page.Asked;
            _before = null;
            StartRound();
        }

        if (_skip > 0)
        {
            // It was sent before the number changed.
            _skip--;
            return;
        }

        _sum += page.Elapsed.TotalMilliseconds;
        _waits += writer.Waits ? 1 : 0;
        if (++_pages >= Math.Max(SmallestRound, Target))
        {
            EndRound(Math.Clamp(MostBytes / Math.Max(1, page.Page.Utf8Json.Length), 1, most));
        }
    }

    /// <summary>Halves the pages under way after the server asked to slow down, failed, or timed out.</summary>
    public void Halve()
    {
        _rest = RoundsOfRest;
        _before = null;
        Change(Target / 2, most);
    }

    private void EndRound(int limit)
    {
        var average = _sum / _pages;
        var rate = average == 0 ? 0 : Target / average;
        if (_before is { } before && rate < before.Rate * WorthIt)
        {
            _rest = RoundsOfRest;
            Change(before.Target, limit);
        }
        else if (_rest > 0)
        {
            _rest--;
            Change(Target, limit);
        }
        else if (_waits * 2 > _pages && average > QuickPage.TotalMilliseconds && Target < limit)
        {
            var smaller = (Target, rate);
            Change(Target * 2, limit);
            _before = smaller;
            return;
        }
        else
        {
            Change(Target, limit);
        }

        _before = null;
    }

    private void Change(int target, int limit)
    {
        var underWay = Target;
        Target = Math.Clamp(target, 1, limit);
        StartRound();
        _skip = Target == underWay ? 0 : underWay;
    }

    private void StartRound()
    {
        _sum = 0;
        _pages = 0;
        _waits = 0;
        _skip = 0;
    }
}
