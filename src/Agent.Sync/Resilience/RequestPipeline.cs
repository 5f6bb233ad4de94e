using System.Globalization;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Agent.Sync.Resilience;

/// <summary>The one retry layer, around one request. Safe for concurrent use; its breaker is shared by all its requests.</summary>
internal sealed class RequestPipeline
{
    private readonly ResiliencePipeline<ResilientRequest> _retrying;
    private readonly ResiliencePipeline<ResilientRequest> _guarded;
    private readonly CircuitBreakerStateProvider _breaker = new();
    private readonly TimeSpan _attemptTimeout;
    private readonly TimeSpan _requestTimeout;
    private readonly ILogger _log;
    private int _breakerState;

    public RequestPipeline(RetryOptions retry, BreakerOptions breaker, TimeProvider time, Func<double> jitter, ILogger log)
    {
        _attemptTimeout = retry.AttemptTimeout;
        _requestTimeout = retry.RequestTimeout;
        _log = log;
        _retrying = ResiliencePipelines.Retrying(retry, new RetrySchedule(retry, jitter), LogRetry, time);
        _guarded = ResiliencePipelines.Guarded(retry, breaker, _breaker, time);
    }

    /// <summary>Drives a request to its answer.</summary>
    /// <exception cref="SyncException">The last attempt's failure, or what prevented it.</exception>
    /// <exception cref="OperationCanceledException">The caller's token was cancelled; never wrapped.</exception>
    public async ValueTask SendAsync(ResilientRequest request, CancellationToken cancellationToken)
    {
        Outcome<ResilientRequest> outcome;
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        try
        {
            outcome = await _retrying.ExecuteOutcomeAsync(
                static (context, run) => run.Pipeline.AttemptAsync(context, run.Request),
                context,
                (Pipeline: this, Request: request)).ConfigureAwait(false);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }

        if (outcome.Exception is null && request.Failure is null)
        {
            return;
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (outcome.Exception is TimeoutRejectedException)
        {
            throw RequestTookTooLong(request);
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

    private async ValueTask<Outcome<ResilientRequest>> AttemptAsync(ResilienceContext context, ResilientRequest request)
    {
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
                request.Fail(BreakerIsOpen(request), RetryAdvice.Never, strike: false);
                return Outcome.FromResult(request);
            case TimeoutRejectedException:
                request.Fail(AttemptTookTooLong(request), RetryAdvice.Backoff, strike: true);
                return Outcome.FromResult(request);
            default:
                return outcome;
        }
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);

    private static SyncTransportException BreakerIsOpen(ResilientRequest request) =>
        new(SyncErrorKind.CircuitOpen, "The breaker is open after too many failed attempts: nothing was sent. Try again later; the log names the failures that opened it.", request.Dataset, request.Failure?.Code, isTransient: true);

    private SyncTransportException AttemptTookTooLong(ResilientRequest request) =>
        new(SyncErrorKind.Timeout, $"The server did not answer within {Seconds(_attemptTimeout)} s. Lower the page size, index the UpdatedAt column and the key together, or raise Retry.AttemptTimeout.", request.Dataset, code: null, isTransient: true) { IsUnanswered = true };

    private SyncTransportException RequestTookTooLong(ResilientRequest request) =>
        new(SyncErrorKind.Timeout, $"The request did not succeed within {Seconds(_requestTimeout)} s, retries and waits included. Try again later, or raise Retry.RequestTimeout.", request.Dataset, request.Failure?.Code, isTransient: true)
        {
            IsUnanswered = request.Failure is null or SyncTransportException { IsUnanswered: true },
        };

    private void LogRetry(ResilientRequest request, int retry, TimeSpan delay) =>
        ResilienceLog.Retrying(_log, retry, request.Failure!.Kind, request.Failure.Code ?? SyncException.NoCode, delay.TotalMilliseconds);

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
}
