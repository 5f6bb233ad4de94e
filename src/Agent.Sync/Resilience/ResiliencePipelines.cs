using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Agent.Sync.Resilience;

/// <summary>Builds every pipeline. They carry no telemetry listener, so nothing of a request leaves them.</summary>
internal static class ResiliencePipelines
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    /// <summary>Gets the name under which the context of one request says how much of the request's time is left.</summary>
    public static ResiliencePropertyKey<TimeSpan> TimeLeft { get; } = new("agent-sync.time-left");

    /// <summary>The outer pipeline: the whole request's timeout around its retries.</summary>
    public static ResiliencePipeline<ResilientRequest> Retrying(
        RetryOptions options, RetrySchedule schedule, Func<ResilientRequest, int, TimeSpan, CancellationToken, ValueTask> wait, TimeProvider time) =>
        new ResiliencePipelineBuilder<ResilientRequest> { TimeProvider = time }
            .AddTimeout(new TimeoutStrategyOptions { TimeoutGenerator = static args => new ValueTask<TimeSpan>(TimeLeftOf(args.Context)) })
            .AddRetry(new RetryStrategyOptions<ResilientRequest>
            {
                MaxRetryAttempts = schedule.MostRetries,
                ShouldHandle = args => new ValueTask<bool>(
                    args.Outcome.Result is { } request && schedule.Allows(request, args.AttemptNumber)),

                // The wait is the seam's, not Polly's.
                DelayGenerator = static _ => new ValueTask<TimeSpan?>(TimeSpan.Zero),
                OnRetry = args => wait(args.Outcome.Result!, args.AttemptNumber + 1, schedule.NextDelay(args.Outcome.Result!), args.Context.CancellationToken),
            })
            .Build();

    /// <summary>The inner pipeline: the breaker around one attempt and its timeout.</summary>
    public static ResiliencePipeline<ResilientRequest> Guarded(
        RetryOptions retry, BreakerOptions breaker, CircuitBreakerStateProvider state, TimeProvider time) =>
        new ResiliencePipelineBuilder<ResilientRequest> { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<ResilientRequest>
            {
                FailureRatio = breaker.FailureShare,
                MinimumThroughput = breaker.MinimumAttempts,
                SamplingDuration = breaker.Window,
                BreakDuration = breaker.BreakDuration,
                StateProvider = state,
                ShouldHandle = args => new ValueTask<bool>(IsStrike(args.Outcome, state)),
            })
            .AddTimeout(retry.AttemptTimeout)
            .Build();

    // What is not positive would mean no timeout.
    private static TimeSpan TimeLeftOf(ResilienceContext context) =>
        context.Properties.GetValue(TimeLeft, default) is var left && left > Shortest ? left : Shortest;

    private static bool IsStrike(Outcome<ResilientRequest> outcome, CircuitBreakerStateProvider state) => outcome switch
    {
        { Result: { } request } => request.Strike,
        { Exception: TimeoutRejectedException } => true,
        // A probe that was cancelled has proven nothing, and a breaker must not close on it.
        _ => state.CircuitState == CircuitState.HalfOpen,
    };
}
