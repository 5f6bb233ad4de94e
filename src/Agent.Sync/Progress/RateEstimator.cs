namespace Agent.Sync.Progress;

/// <summary>Rows per second over the last commits: recent enough to follow a change of pace, long enough to be calm.</summary>
internal sealed class RateEstimator
{
    private const int Window = 16;

    private static readonly TimeSpan SteadyAfter = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly Queue<(long Timestamp, long Rows)> _marks = new(Window + 1);
    private long _rows;
    private int _commits;

    public RateEstimator(TimeProvider time)
    {
        _time = time;
        _started = time.GetTimestamp();
        _marks.Enqueue((_started, 0));
    }

    /// <summary>Gets the pace; null until rows and time have passed.</summary>
    public double? RowsPerSecond { get; private set; }

    /// <summary>Gets a value indicating whether the pace is worth a forecast: three commits and a second of them.</summary>
    public bool IsSteady => _commits >= 3 && _time.GetElapsedTime(_started) >= SteadyAfter;

    public void Add(long rows)
    {
        _rows += rows;
        _commits++;
        var now = _time.GetTimestamp();
        var (since, rowsThen) = _marks.Peek();
        var seconds = _time.GetElapsedTime(since, now).TotalSeconds;
        if (seconds > 0)
        {
            RowsPerSecond = (_rows - rowsThen) / seconds;
        }

        _marks.Enqueue((now, _rows));
        if (_marks.Count > Window)
        {
            _marks.Dequeue();
        }
    }
}
