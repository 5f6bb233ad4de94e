using Agent.Sync.Postgrest;
using Agent.Sync.Progress;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.Verify;

/// <summary>Tells the app how far a verify is.</summary>
internal sealed class VerifyReporter(IProgress<VerifyProgress>? sink, string dataset, RequestTally tally, TimeProvider time, ILogger log)
{
    private const double AlmostAll = 0.999;

    private readonly long _started = time.GetTimestamp();
    private double _fraction;

    /// <summary>Gets or sets about how many local rows there are; null while it is unknown.</summary>
    public long? Total { get; set; }

    public TimeSpan Elapsed => time.GetElapsedTime(_started);

    /// <summary>Reports a page.</summary>
    /// <param name="state">How far the verify is.</param>
    /// <param name="share">The share of the whole that the phase stands for.</param>
    /// <param name="before">The share that came before it.</param>
    public void Report(VerifyState state, double share = 1, double before = 0)
    {
        if (Total is { } total)
        {
            // Before the end nothing is "all", and a share that was shown never falls.
            var done = before + (share * Math.Min(1, (double)state.Counts.Walked / Math.Max(1, total)));
            _fraction = state.Phase == VerifyPhase.Completed ? 1 : Math.Max(_fraction, Math.Min(done, AlmostAll));
        }

        if (sink is null)
        {
            return;
        }

        try
        {
            sink.Report(new VerifyProgress
            {
                Dataset = dataset,
                Phase = state.Phase,
                Compared = state.Counts.Compared,
                Fraction = Total is null && state.Phase != VerifyPhase.Completed ? null : state.Phase == VerifyPhase.Completed ? 1 : _fraction,
                Differences = state.Counts.Differences,
                Requests = tally.Requests,
                Elapsed = Elapsed,
            });
        }
#pragma warning disable CA1031 // Whatever the app's callback throws, a verify does not fail for its progress bar.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            ProgressLog.CallbackThrew(log, exception.GetType().Name);
        }
    }
}
