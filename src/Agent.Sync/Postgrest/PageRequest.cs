using Agent.Sync.Auth;
using Agent.Sync.Resilience;

namespace Agent.Sync.Postgrest;

/// <summary>One page's request through all its attempts.</summary>
internal sealed class PageRequest(PostgrestClient client, PostgrestSession session, DatasetRoute route, PageQuery query) : ResilientRequest
{
    private static readonly TimeSpan SchemaCacheReload = TimeSpan.FromSeconds(2);

    private readonly Uri _url = route.Url.Build(query);
    private SessionToken? _token;
    private bool _sent;
    private bool _refused;
    private bool _refreshed;
    private bool _schemaAwaited;
    private bool _damaged;

    public override string Dataset => query.Dataset.Name;

    public PageAnswer? Answer { get; private set; }

    public override async ValueTask PrepareAsync(CancellationToken cancellationToken)
    {
        var waited = await client.Limiter.AcquireAsync(session.LimitKey, cancellationToken).ConfigureAwait(false);
        if (waited > TimeSpan.Zero)
        {
            session.Tally.CountWait(waited);
            ResilienceLog.RateLimitWaited(client.Log, waited.TotalMilliseconds);
        }

        // Asked after the wait: a token may run out while a request stands in line.
        _token = _refused
            ? await client.Tokens.RefreshAsync(_token!, cancellationToken).ConfigureAwait(false)
            : await client.Tokens.GetAsync(cancellationToken).ConfigureAwait(false);
        _refused = false;
        if (!_token.IsSameUserAs(session.Token))
        {
            throw AuthFailure.UserChanged(Dataset);
        }
    }

    public override async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        session.Tally.CountRequest();
        if (_sent)
        {
            session.Tally.CountRetry();
        }

        _sent = true;
        try
        {
            using var request = client.Requests.Get(_url, _token!, route.Schema, query.Count);
            using var response = await client.SendAsync(request, cancellationToken).ConfigureAwait(false);
            await ReadAsync(response, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The handler's own timeout, such as for connecting.
            FailOnTheWay(TransportFailure.ConnectTimedOut(Dataset), "handler timeout");
        }
        catch (Exception exception) when (HttpFault.Is(exception))
        {
            // A cancelled read may surface as a broken connection.
            cancellationToken.ThrowIfCancellationRequested();
            var reason = HttpFault.ReasonOf(exception);
            FailOnTheWay(TransportFailure.Unreachable(Dataset, reason), reason);
        }
    }

    private async ValueTask ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        if (status is 200 or 206 && MediaTypes.IsJson(response.Content.Headers.ContentType))
        {
            await ReadPageAsync(response, cancellationToken).ConfigureAwait(false);
            return;
        }

        var code = status < 400 ? null : await ErrorCode.ReadAsync(response, cancellationToken).ConfigureAwait(false);
        TransportLog.Answered(client.Log, Dataset, status, code);
        var verdict = ErrorClassifier.Classify(status, code);
        var failure = TransportFailure.From(verdict, status, code, query.Dataset, session.Role);

        // A statement timeout says something about the query, not about the server's health.
        var strike = status >= 500 && verdict.Kind != SyncErrorKind.StatementTimeout;
        Fail(failure, Advise(verdict, response), strike);
    }

    private async ValueTask ReadPageAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        byte[] buffer;
        int length;
        try
        {
            (buffer, length) = await BodyReader.ReadAsync(response.Content, route.LastBodyLength, client.MaxPageBytes, cancellationToken).ConfigureAwait(false);
        }
        catch (BodyTooLargeException)
        {
            Fail(TransportFailure.TooLarge(Dataset, client.MaxPageBytes), RetryAdvice.Never, strike: false);
            return;
        }
        catch (Exception exception) when (BodyReader.IsBrokenBody(exception))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var reason = HttpFault.ReasonOf(exception);
            FailOnTheWay(TransportFailure.Unreachable(Dataset, reason), reason);
            return;
        }

        session.Tally.CountBytes(length);
        route.LastBodyLength = length;
        Parse(response, buffer, length);
    }

    private void Parse(HttpResponseMessage response, byte[] buffer, int length)
    {
        Page page;
        try
        {
            page = PageParser.Parse(query.Dataset, buffer, length, client.MaxJsonDepth);
        }
        catch (SyncProtocolException exception)
        {
            Fail(exception, Once(ref _damaged, RetryAdvice.Backoff), strike: false);
            return;
        }
        catch (SyncSchemaException exception)
        {
            Fail(exception, RetryAdvice.Never, strike: false);
            return;
        }

        if (page.Count > query.Limit)
        {
            Fail(TransportFailure.TooManyRows(Dataset, query.Limit, page.Count), RetryAdvice.Never, strike: false);
            page.Dispose();
            return;
        }

        Answer = new PageAnswer(page, response.Headers.Date, ContentRange.TotalOf(response.Content.Headers));
        Succeed();
    }

    private RetryAdvice Advise(AnswerVerdict verdict, HttpResponseMessage response) => verdict.Action switch
    {
        AnswerAction.Retry => WaitAsTold(response, RetryMode.NotBefore) ?? RetryAdvice.Backoff,
        AnswerAction.RetryWithJitter => new RetryAdvice(RetryMode.JitteredBackoff),
        AnswerAction.RetryOnce => Once(ref _damaged, RetryAdvice.Backoff),
        AnswerAction.AwaitSchemaCache => Once(ref _schemaAwaited, new RetryAdvice(RetryMode.After, SchemaCacheReload)),
        AnswerAction.SlowDown => SlowDown(response),
        AnswerAction.RefreshToken => Refresh(),
        _ => RetryAdvice.Never,
    };

    private static RetryAdvice Once(ref bool done, RetryAdvice advice)
    {
        if (done)
        {
            return RetryAdvice.Never;
        }

        done = true;
        return advice;
    }

    private RetryAdvice Refresh()
    {
        _refused = true;
        return Once(ref _refreshed, new RetryAdvice(RetryMode.AtOnce));
    }

    private RetryAdvice SlowDown(HttpResponseMessage response)
    {
        if (client.Limiter.Slow(session.LimitKey) is { } rate)
        {
            ResilienceLog.RateHalved(client.Log, rate);
        }

        return WaitAsTold(response, RetryMode.After) ?? RetryAdvice.Backoff;
    }

    private RetryAdvice? WaitAsTold(HttpResponseMessage response, RetryMode mode)
    {
        if (RetryAfter.Of(response, client.Time) is not { } wait)
        {
            return null;
        }

        TransportLog.SlowedDown(client.Log, Dataset, wait.TotalMilliseconds);
        return wait > client.MaxRetryAfter ? RetryAdvice.Never : new RetryAdvice(mode, wait);
    }

    private void FailOnTheWay(SyncException failure, string reason)
    {
        TransportLog.NoAnswer(client.Log, Dataset, reason);
        Fail(failure, RetryAdvice.Backoff, strike: true);
    }
}
