using Agent.Sync.Auth;
using Agent.Sync.Progress;
using Agent.Sync.Resilience;

namespace Agent.Sync.Postgrest;

/// <summary>One request of a session through all its attempts: rate limit, token, what each answer means. A derived class says what is sent and keeps what comes.</summary>
internal abstract class ApiRequest(PostgrestClient client, PostgrestSession session, string? dataset) : ResilientRequest
{
    private static readonly TimeSpan SchemaCacheReload = TimeSpan.FromSeconds(2);

    private SessionToken? _token;
    private RunWatch.Wait? _wait;
    private int _attempts;
    private int _refusals;
    private bool _refused;
    private bool _refreshed;
    private bool _schemaAwaited;
    private bool _damaged;

    public override string? Dataset => dataset;

    protected PostgrestClient Client => client;

    protected PostgrestSession Session => session;

    /// <summary>Gets the dataset whose columns a failure may name; null for none.</summary>
    protected abstract Dataset? Declared { get; }

    /// <summary>Gets the column of the dataset that the last answer named as missing, or as the one whose value was refused; null when it named none.</summary>
    protected string? MissingColumn { get; private set; }

    /// <summary>Gets the size of the body that is likely to come; 0 when nobody knows.</summary>
    protected virtual int ExpectedLength => 0;

    /// <summary>Gets a value indicating whether it writes or calls a function.</summary>
    protected virtual bool IsWrite => false;

    private string LogName => dataset ?? "the project";

    public override async ValueTask PrepareAsync(CancellationToken cancellationToken)
    {
        Await(SyncWait.RateLimit);
        var waited = await client.Limiter.AcquireAsync(session.LimitKey, cancellationToken).ConfigureAwait(false);
        if (waited > TimeSpan.Zero)
        {
            session.Tally.CountWait(waited);
            ResilienceLog.RateLimitWaited(client.Log, waited.TotalMilliseconds);
        }

        Await(SyncWait.Token);

        // Asked after the wait: a token may run out while a request stands in line.
        _token = _refused
            ? await client.Tokens.RefreshAsync(_token!, cancellationToken).ConfigureAwait(false)
            : await client.Tokens.GetAsync(cancellationToken).ConfigureAwait(false);
        _refused = false;
        if (!_token.IsSameUserAs(session.Token))
        {
            throw AuthFailure.UserChanged(dataset);
        }
    }

    public override async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        Await(SyncWait.Server);
        session.Tally.CountRequest();
        if (_attempts++ > 0)
        {
            session.Tally.CountRetry();
        }

        try
        {
            using var request = CreateMessage(_token!);
            using var response = await client.SendAsync(request, cancellationToken).ConfigureAwait(false);
            await ReadAsync(response, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The handler's own timeout, such as for connecting.
            FailOnTheWay(TransportFailure.ConnectTimedOut(dataset), "handler timeout");
        }
        catch (Exception exception) when (HttpFault.Is(exception))
        {
            // A cancelled read may surface as a broken connection.
            cancellationToken.ThrowIfCancellationRequested();
            var reason = HttpFault.ReasonOf(exception);
            FailOnTheWay(TransportFailure.Unreachable(dataset, reason), reason);
        }
        finally
        {
            // Whether it is sent again, the pipeline decides; after an answer the wait ends.
            Await(SyncWait.Retry);
        }
    }

    /// <summary>Ends what the run was told that it waits for.</summary>
    public void EndWait() => _wait?.Dispose();

    /// <summary>Makes the message of one attempt.</summary>
    protected abstract HttpRequestMessage CreateMessage(SessionToken token);

    /// <summary>Tells by status and content type whether this is an answer to read.</summary>
    protected abstract bool IsAnswer(HttpResponseMessage response);

    /// <summary>Takes a whole body, whose buffer becomes its own, and calls <see cref="ResilientRequest.Succeed"/> or <see cref="ResilientRequest.Fail"/>.</summary>
    protected abstract void Take(HttpResponseMessage response, byte[] buffer, int length);

    /// <summary>Calls <see cref="ResilientRequest.Succeed"/> and returns true where what the error answer says is missing may be missing.</summary>
    protected virtual bool TakeAbsence(int status, string? code) => false;

    /// <summary>Makes the failure that an error answer stands for.</summary>
    protected abstract SyncException FailureOf(AnswerMeaning meaning, int status, string? code);

    protected abstract SyncException TooLarge();

    /// <summary>Fails for a body that is not what it should be: worth one more attempt, since something in between may have damaged it.</summary>
    protected void FailDamaged(SyncException failure) => Fail(failure, Once(ref _damaged, RetryAdvice.Backoff), strike: false);

    private void Await(SyncWait wait)
    {
        if (_wait is null)
        {
            _wait = session.Tally.Watch?.Enter(wait, dataset);
        }
        else
        {
            _wait.Turn(wait);
        }
    }

    private async ValueTask ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (IsAnswer(response))
        {
            await ReadBodyAsync(response, cancellationToken).ConfigureAwait(false);
            return;
        }

        var status = (int)response.StatusCode;
        (var code, MissingColumn) = status < 400 ? default : await ErrorCode.ReadAsync(response, Declared, cancellationToken).ConfigureAwait(false);
        TransportLog.Answered(client.Log, LogName, status, code ?? SyncException.NoCode);
        if (TakeAbsence(status, code))
        {
            return;
        }

        var meaning = ErrorClassifier.Classify(status, code, IsWrite);

        // A statement timeout says something about the query, not about the server's health; so does a refusal of what a row holds.
        var failure = FailureOf(meaning, status, code);
        var strike = status >= 500 && meaning.Kind != SyncErrorKind.StatementTimeout && !(IsWrite && ErrorClassifier.MayBeARows(failure));
        failure.Column = MissingColumn;
        _refusals += failure.IsRefusal ? 1 : 0;

        // An earlier attempt without an answer may have been carried out.
        failure.IsRefusal = _refusals == _attempts;
        Fail(failure, Advise(meaning, response), strike);
    }

    private async ValueTask ReadBodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        byte[] buffer;
        int length;
        try
        {
            (buffer, length) = await BodyReader.ReadAsync(response.Content, ExpectedLength, client.MaxPageBytes, cancellationToken).ConfigureAwait(false);
        }
        catch (BodyReader.TooLargeException)
        {
            Fail(TooLarge(), RetryAdvice.Never, strike: false);
            return;
        }
        catch (Exception exception) when (HttpFault.IsBrokenBody(exception))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var reason = HttpFault.ReasonOf(exception);
            FailOnTheWay(TransportFailure.Unreachable(dataset, reason), reason);
            return;
        }

        session.Tally.CountBytes(length);
        Take(response, buffer, length);
    }

    private RetryAdvice Advise(AnswerMeaning meaning, HttpResponseMessage response) => meaning.Action switch
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
        session.Tally.CountSlowDown();
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

        TransportLog.SlowedDown(client.Log, LogName, wait.TotalMilliseconds);
        return wait > client.MaxRetryAfter ? RetryAdvice.Never : new RetryAdvice(mode, wait);
    }

    private void FailOnTheWay(SyncException failure, string reason)
    {
        TransportLog.NoAnswer(client.Log, LogName, reason);
        Fail(failure, RetryAdvice.Backoff, strike: true);
    }
}
