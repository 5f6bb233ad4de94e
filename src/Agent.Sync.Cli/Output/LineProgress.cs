namespace Agent.Sync.Cli.Output;

/// <summary>Chooses the commits worth a line: the last one, and before it at most one a second and about one per tenth.</summary>
internal sealed class LineProgress(Action<string> write) : IProgress<SyncProgress>
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private (string Dataset, bool IsPush)? _bar;
    private TimeSpan _lastTime;
    private double _lastFraction;

    public void Report(SyncProgress value)
    {
        var bar = (value.Dataset, value.Phase == SyncPhase.Push);
        if (bar != _bar)
        {
            (_bar, _lastTime, _lastFraction) = (bar, value.Elapsed, value.Fraction ?? 0);
        }

        if (value.Phase == SyncPhase.Completed || IsDue(value))
        {
            (_lastTime, _lastFraction) = (value.Elapsed, value.Fraction ?? 0);
            write(Words.ProgressLine(value));
        }
    }

    private bool IsDue(SyncProgress value)
    {
        var since = value.Elapsed - _lastTime;
        return since >= Longest || (since >= Shortest && (value.Fraction is not { } fraction || fraction >= _lastFraction + 0.1));
    }
}
