namespace Agent.Sync.Hosting;

/// <summary>How long to wait before the next run.</summary>
/// <param name="options">Checked already.</param>
/// <param name="random">0 to below 1.</param>
internal sealed class RunSchedule(HostedSyncOptions options, Func<double> random)
{
    /// <summary>Gets the wait after a failure that somebody has to correct.</summary>
    public TimeSpan AfterFailure => options.Interval > options.MaxBackoff ? options.Interval : options.MaxBackoff;

    public TimeSpan Next() => Vary(options.Interval);

    /// <summary>Returns the wait after so many transient failures in a row.</summary>
    public TimeSpan AfterTransient(int failures)
    {
        // 2^30 of the shortest wait is longer than any longest one.
        var doubled = options.Backoff * (1L << Math.Min(failures - 1, 30));
        return Vary(doubled < options.MaxBackoff ? doubled : options.MaxBackoff);
    }

    private TimeSpan Vary(TimeSpan wait) => wait * (1 + (options.Jitter * ((2 * random()) - 1)));
}
