using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Agent.Sync.Resilience;

/// <summary>Retries, breaker and timeouts, by Polly. Safe for concurrent use.</summary>
internal sealed class RetryPipeline
{
    private readonly ResiliencePipeline<ResilientRequest> _retrying;
    private readonly ResiliencePipeline<ResilientRequest> _guarded;
    private readonly CircuitBreakerStateProvider _breaker = new();
    private readonly ReplayedTime _time;
    private readonly TimeSpan _attemptTimeout;
    private readonly TimeSpan _requestTimeout;
    private readonly ILogger _log;
    private int _breakerState;

    public RetryPipeline(RetryOptions retry, BreakerOptions breaker, TimeProvider time, Func<double> jitter, Func<TimeSpan, CancellationToken, Task> wait, ILogger log)
    {
        _attemptTimeout = retry.AttemptTimeout;
        _requestTimeout = retry.RequestTimeout;
        _log = log;
        _time = new ReplayedTime(time);
        _retrying = ResiliencePipelines.Retrying(retry, new RetrySchedule(retry, jitter), (request, number, delay, token) => WaitAsync(wait, request, number, delay, token), time);
        _guarded = ResiliencePipelines.Guarded(retry, breaker, _breaker, _time);
    }

    /// <summary>Drives a request to its answer.</summary>
    /// <exception cref="SyncException">The last attempt's failure, or what prevented it.</exception>
    /// <exception cref="OperationCanceledException">The caller's token was cancelled; never wrapped.</exception>
    public ValueTask SendAsync(ResilientRequest request, CancellationToken cancellationToken) =>
        RunAsync(new Run(this, request), _requestTimeout, cancellationToken);

    /// <summary>Drives a request on whose first attempt failed before the pipeline was there.</summary>
    public ValueTask ContinueAsync(ResilientRequest request, TimeSpan timeLeft, CancellationToken cancellationToken)
    {
        Count(request);
        LogBreaker();
        return RunAsync(new Run(this, request) { IsTried = true }, timeLeft, cancellationToken);
    }

    /// <summary>Counts an attempt that did not go through the breaker. An open breaker counts nothing.</summary>
    public void Count(ResilientRequest request)
    {
        if (_breaker.CircuitState != CircuitState.Closed)
        {
            return;
        }

        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false);
        try
        {
            _guarded.Execute(static (_, tried) => tried, context, request);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <summary>Counts an attempt that succeeded before the pipeline was there.</summary>
    public void CountSuccess(DateTimeOffset at)
    {
        _time.Past = at;
        Count(SuccessfulRequest.Instance);
        _time.Past = null;
    }

    private async ValueTask RunAsync(Run run, TimeSpan timeLeft, CancellationToken cancellationToken)
    {
        Outcome<ResilientRequest> outcome;
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(ResiliencePipelines.TimeLeft, timeLeft);
        try
        {
            outcome = await _retrying.ExecuteOutcomeAsync(static (context, run) => run.Pipeline.AttemptAsync(context, run), context, run).ConfigureAwait(false);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }

        var request = run.Request;
        if (outcome.Exception is null && request.Failure is null)
        {
            return;
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (outcome.Exception is TimeoutRejectedException)
        {
            throw PipelineFailure.RequestTookTooLong(request, _requestTimeout);
        }

        outcome.ThrowIfException();
        throw request.Failure!;
    }

    private static async ValueTask<Outcome<ResilientRequest>> SendOnceAsync(ResilienceContext context, ResilientRequest request)
    {
        try
        {
            await request.SendAsync(context.CancellationToken).ConfigureAwait(false);
            return Outcome.FromResult(request);
        }
        catch (Exception exception)
        {
            return Outcome.FromException<ResilientRequest>(exception);
        }
    }

    private async ValueTask<Outcome<ResilientRequest>> AttemptAsync(ResilienceContext context, Run run)
    {
        var request = run.Request;
        if (run.IsTried)
        {
            run.IsTried = false;
            return Outcome.FromResult(request);
        }

        try
        {
            await request.PrepareAsync(context.CancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            return Outcome.FromException<ResilientRequest>(exception);
        }

        var outcome = await _guarded.ExecuteOutcomeAsync(SendOnceAsync, context, request).ConfigureAwait(false);
        LogBreaker();
        switch (outcome.Exception)
        {
            case BrokenCircuitException:
                request.Fail(PipelineFailure.BreakerIsOpen(request), RetryAdvice.Never, strike: false);
                return Outcome.FromResult(request);
            case TimeoutRejectedException:
                request.Fail(PipelineFailure.AttemptTookTooLong(request, _attemptTimeout), RetryAdvice.Backoff, strike: true);
                return Outcome.FromResult(request);
            default:
                return outcome;
        }
    }

    private ValueTask WaitAsync(Func<TimeSpan, CancellationToken, Task> wait, ResilientRequest request, int retry, TimeSpan delay, CancellationToken cancellationToken)
    {
        ResilienceLog.Retrying(_log, retry, request.Failure!.Kind, request.Failure.Code ?? SyncException.NoCode, delay.TotalMilliseconds);
        return delay > TimeSpan.Zero ? new ValueTask(wait(delay, cancellationToken)) : default;
    }

    private void LogBreaker()
    {
        var state = _breaker.CircuitState;
        var previous = (CircuitState)Interlocked.Exchange(ref _breakerState, (int)state);
        if (previous == state)
        {
            return;
        }

        if (state == CircuitState.Open)
        {
            ResilienceLog.BreakerOpened(_log);
        }
        else if (state == CircuitState.Closed)
        {
            ResilienceLog.BreakerClosed(_log);
        }
    }

    /// <summary>One request on its way through the pipeline.</summary>
    private sealed class Run(RetryPipeline pipeline, ResilientRequest request)
    {
        public RetryPipeline Pipeline => pipeline;

        public ResilientRequest Request => request;

        /// <summary>Gets or sets a value indicating whether the next attempt was made already.</summary>
        public bool IsTried { get; set; }
    }

    /// <summary>Stands for a request of the past.</summary>
    private sealed class SuccessfulRequest : ResilientRequest
    {
        public static SuccessfulRequest Instance { get; } = new();

        public override string? Dataset => null;

        public override ValueTask PrepareAsync(CancellationToken cancellationToken) => default;

        public override ValueTask SendAsync(CancellationToken cancellationToken) => default;
    }
}
