using Microsoft.Extensions.Logging;

namespace Agent.Sync.Resilience;

/// <summary>The one retry layer, around one request. Safe for concurrent use; its breaker is shared by all its requests.</summary>
/// <remarks>
/// Requests go out directly until an attempt fails that may be tried again, for most processes live without one, and Polly's pipelines take longer
/// to make than a request to answer. From then on they go through <see cref="RetryPipeline"/>, whose breaker is told what succeeded before.
/// </remarks>
internal sealed class RequestPipeline
{
    private readonly Lock _gate = new();
    private readonly TimeSpan _attemptTimeout;
    private readonly TimeSpan _requestTimeout;
    private readonly TimeProvider _time;
    private readonly SuccessHistory _successes;
    private readonly Func<RetryPipeline> _makeRetrying;
    private volatile RetryPipeline? _retrying;

    public RequestPipeline(RetryOptions retry, BreakerOptions breaker, TimeProvider time, Func<double> jitter, Func<TimeSpan, CancellationToken, Task> wait, ILogger log)
    {
        _attemptTimeout = retry.AttemptTimeout;
        _requestTimeout = retry.RequestTimeout;
        _time = time;
        _successes = new SuccessHistory(breaker.Window, time);
        _makeRetrying = () => new RetryPipeline(retry, breaker, time, jitter, wait, log);
    }

    /// <summary>Drives a request to its answer.</summary>
    /// <exception cref="SyncException">The last attempt's failure, or what prevented it.</exception>
    /// <exception cref="OperationCanceledException">The caller's token was cancelled; never wrapped.</exception>
    public async ValueTask SendAsync(ResilientRequest request, CancellationToken cancellationToken)
    {
        if (_retrying is { } retrying)
        {
            await retrying.SendAsync(request, cancellationToken).ConfigureAwait(false);
            return;
        }

        var started = _time.GetTimestamp();
        using var timeout = new CancellationTokenSource(_requestTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        var isSending = false;
        try
        {
            await request.PrepareAsync(either.Token).ConfigureAwait(false);
            isSending = true;
            if (TimeLeft(started) > _attemptTimeout)
            {
#pragma warning disable RS0030 // It moves the timer of the source, which is the provider's.
                timeout.CancelAfter(_attemptTimeout);
#pragma warning restore RS0030
            }

            await request.SendAsync(either.Token).ConfigureAwait(false);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            if (!isSending || TimeLeft(started) <= TimeSpan.Zero)
            {
                throw PipelineFailure.RequestTookTooLong(request, _requestTimeout);
            }

            request.Fail(PipelineFailure.AttemptTookTooLong(request, _attemptTimeout), RetryAdvice.Backoff, strike: true);
        }

        if (request.Failure is { } failure)
        {
            if (request.Strike || request.Advice != RetryAdvice.Never)
            {
                await AfterFailure().ContinueAsync(request, TimeLeft(started), cancellationToken).ConfigureAwait(false);
                return;
            }

            // The server is well and would say the same again: nothing to retry, and for the breaker a success.
            CountSuccess(request);
            throw failure;
        }

        CountSuccess(request);
    }

    private TimeSpan TimeLeft(long started) => _requestTimeout - _time.GetElapsedTime(started);

    private void CountSuccess(ResilientRequest request)
    {
        lock (_gate)
        {
            if (_retrying is null)
            {
                _successes.Add();
                return;
            }
        }

        // Another request failed meanwhile.
        _retrying.Count(request);
    }

    private RetryPipeline AfterFailure()
    {
        lock (_gate)
        {
            if (_retrying is { } made)
            {
                return made;
            }

            var retrying = _makeRetrying();
            _successes.Replay(retrying.CountSuccess);
            return _retrying = retrying;
        }
    }
}
