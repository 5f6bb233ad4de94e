namespace Agent.Sync.Pull;

/// <summary>
/// How many pages may be under way at once. One at first; twice as many while the writer waits and pages take hardly longer than they did alone;
/// fewer when they queue up at the server, or when the server asks to slow down.
/// </summary>
/// <param name="most">The most there may be.</param>
/// <param name="writer">Tells whether the writer waits.</param>
internal sealed class PullConcurrency(int most, WriterWatch writer)
{
    // A table of a few pages is read before more requests could help it.
    private const int PagesAlone = 4;

    // Pages that wait at the server instead of being worked on, by the time they take: Little's law.
    private const double FewQueued = 2;
    private const double ManyQueued = 4;

    // Pages that come as quickly as this leave nothing to gain: one is under way while another is written, as it is.
    private static readonly TimeSpan QuickPage = TimeSpan.FromMilliseconds(4);

    // All pages under way together, so that memory stays flat whatever a row weighs.
    private const int MostBytes = 16 * 1024 * 1024;

    // The quickest page is forgotten slowly: a network that became slower is not a queue.
    private const double ForgottenEachRound = 1.0 / 16;

    private int _asked;
    private double _quickest = double.PositiveInfinity;
    private double _sum;
    private int _pages;
    private int _waits;

    public int Target { get; private set; } = 1;

    /// <summary>Records a full page: only those compare.</summary>
    public void Record(PulledPage page)
    {
        var bytes = page.Page.Utf8Json.Length;
        if (page.Asked != _asked)
        {
            _asked = page.Asked;
            _quickest = double.PositiveInfinity;
        }

        var elapsed = page.Elapsed.TotalMilliseconds;
        _quickest = Math.Min(_quickest, elapsed);
        _sum += elapsed;
        _waits += writer.Waits ? 1 : 0;
        if (++_pages >= (Target == 1 ? PagesAlone : Target))
        {
            EndRound(Math.Clamp(MostBytes / Math.Max(1, bytes), 1, most));
        }
    }

    /// <summary>Halves the pages under way after the server asked to slow down or the database timed out.</summary>
    public void Halve()
    {
        Target = Math.Max(1, Target / 2);
        StartRound();
    }

    private void EndRound(int most)
    {
        var average = _sum / _pages;
        var queued = average == 0 ? 0 : Target * (1 - Math.Min(1, _quickest / average));
        if (queued > ManyQueued)
        {
            Target--;
        }
        else if (queued < FewQueued && _waits * 2 > _pages && average > QuickPage.TotalMilliseconds)
        {
            Target *= 2;
        }

        Target = Math.Clamp(Target, 1, most);
        _quickest += (average - _quickest) * ForgottenEachRound;
        StartRound();
    }

    private void StartRound()
    {
        _sum = 0;
        _pages = 0;
        _waits = 0;
    }
}
