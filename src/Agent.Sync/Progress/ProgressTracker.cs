using Microsoft.Extensions.Logging;

namespace Agent.Sync.Progress;

/// <summary>Turns commits into snapshots. One per run; called by one caller at a time.</summary>
internal sealed class ProgressTracker
{
    private readonly IProgress<SyncProgress>? _sink;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly RunWatch? _watch;
    private readonly long _started;
    private long _sequence;
    private string _dataset = string.Empty;
    private long _completed;
    private long? _total;
    private double _fraction;
    private RateEstimator _rate;

    public ProgressTracker(IProgress<SyncProgress>? sink, TimeProvider time, ILogger log, RunWatch? watch = null)
    {
        _sink = sink;
        _time = time;
        _log = log;
        _watch = watch;
        _started = time.GetTimestamp();
        _rate = new RateEstimator(time);
    }

    public TimeSpan Elapsed => _time.GetElapsedTime(_started);

    /// <summary>Gets the share of the dataset that is done, as far as it is known.</summary>
    public double Fraction => _fraction;

    /// <summary>Starts a dataset. Rows that earlier runs brought count as completed, but not into the rate.</summary>
    /// <param name="dataset">Its name.</param>
    /// <param name="alreadyCompleted">What was done before.</param>
    /// <param name="alreadyShown">The share that was shown before.</param>
    public void Begin(string dataset, long alreadyCompleted, double alreadyShown = 0)
    {
        _dataset = dataset;
        _completed = alreadyCompleted;
        _total = null;
        _fraction = alreadyShown;
        _rate = new RateEstimator(_time);
    }

    /// <summary>Adds rows that are expected beyond those completed so far.</summary>
    public void Expect(long? remaining)
    {
        if (remaining is { } rows)
        {
            _total = Math.Max(_total ?? 0, _completed + rows);
        }
    }

    public void Commit(long rows)
    {
        _completed += rows;
        _rate.Add(rows);

        // An exceeded estimate means nothing any more: how much is left is unknown, and "all" would be a guess.
        if (_total < _completed)
        {
            _total = null;
        }
    }

    public void Report(SyncPhase phase, long pages, long bytes, long retries, long memoryBytes)
    {
        if (_sink is null)
        {
            return;
        }

        var snapshot = new SyncProgress
        {
            Sequence = ++_sequence,
            Dataset = _dataset,
            Phase = phase,
            Completed = _completed,
            Total = phase == SyncPhase.Completed ? _completed : _total,
            Fraction = NextFraction(phase),
            RowsPerSecond = _rate.RowsPerSecond,
            EstimatedTimeLeft = EstimateTimeLeft(phase),
            Elapsed = Elapsed,
            Bytes = bytes,
            Pages = pages,
            Retries = retries,
            MemoryBytes = memoryBytes,
        };
        Report(snapshot);
    }

    private double? NextFraction(SyncPhase phase)
    {
        if (phase == SyncPhase.Completed)
        {
            return 1;
        }

        if (_total is not { } total)
        {
            return null;
        }

        // The total may still grow, so "all" is reported only at the end, and the reported share never falls.
        var share = total == 0 ? 0 : Math.Min((double)_completed / total, 0.999);
        _fraction = Math.Max(_fraction, share);
        return _fraction;
    }

    private TimeSpan? EstimateTimeLeft(SyncPhase phase)
    {
        if (phase == SyncPhase.Completed)
        {
            return TimeSpan.Zero;
        }

        if (_total is not { } total || !_rate.IsSteady || _rate.RowsPerSecond is not ({ } rate and > 0))
        {
            return null;
        }

        // A planner's estimate can be arbitrarily wrong; a forecast that does not fit a TimeSpan is not reported.
        var seconds = (total - _completed) / rate;
        return seconds < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
    }

    private void Report(SyncProgress snapshot)
    {
        using var wait = _watch?.Enter(SyncWait.ProgressCallback, snapshot.Dataset);
        try
        {
            _sink!.Report(snapshot);
        }
#pragma warning disable CA1031 // Whatever the app's callback throws, a sync does not fail for its progress bar.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            ProgressLog.CallbackThrew(_log, exception.GetType().Name);
        }
    }
}
