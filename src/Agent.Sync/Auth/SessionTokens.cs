using System.Globalization;
using Agent.Sync.Configuration;
using Agent.Sync.Resilience;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.Auth;

/// <summary>Asks the app's token delegate, checks what it gives, and shares a refresh among parallel requests.</summary>
internal sealed class SessionTokens
{
    private readonly Func<AccessToken?, CancellationToken, ValueTask<AccessToken?>>? _delegate;
    private readonly ProviderFailure _failure;
    private readonly bool _allowRlsBypass;
    private readonly TimeSpan _refreshTimeout;
    private readonly TimeSpan _requestTimeout;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly SingleFlight<SessionToken> _refreshes = new();
    private readonly SessionToken? _secret;

    private SessionToken? _last;
    private RefreshedToken? _refreshed;

    public SessionTokens(SyncOptions options, TimeProvider time, ILogger log)
    {
        var apiKey = ApiKeyRule.Require(options.ApiKey);
        _delegate = options.AccessTokenProvider;
        _failure = new ProviderFailure(options.AccessTokenProvider);
        _allowRlsBypass = options.AllowRlsBypass;
        _refreshTimeout = options.Retry.AttemptTimeout;
        _requestTimeout = options.Retry.RequestTimeout;
        _time = time;
        _log = log;
        if (SecretKey.Is(apiKey))
        {
            if (!_allowRlsBypass)
            {
                throw AuthFailure.SecretKeyRefused("ApiKey");
            }

            _secret = new SessionToken(
                token: null,
                JwtClaims.TryRead(apiKey) is null ? null : "Bearer " + apiKey,
                SecretKey.ServiceRole,
                SecretKey.ServiceRole);
        }
    }

    /// <exception cref="SyncAuthException">There is no session, or not one that may be used.</exception>
    public async ValueTask<SessionToken> GetAsync(CancellationToken cancellationToken) =>
        Check(await AskAsync(refused: null, cancellationToken).ConfigureAwait(false));

    /// <summary>Asks for a token outside of any request, in the time that a request has.</summary>
    /// <exception cref="SyncAuthException">There is no session, or not one that may be used.</exception>
    /// <exception cref="SyncTransportException">The delegate took longer.</exception>
    public async ValueTask<SessionToken> GetInTimeAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_requestTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await GetAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw _failure.NoTokenInTime(_requestTimeout.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Asks for a token in place of a refused one; requests refused with the same token share one answer.</summary>
    public async ValueTask<SessionToken> RefreshAsync(SessionToken refused, CancellationToken cancellationToken)
    {
        if (refused.Token is not { } token)
        {
            throw AuthFailure.KeyRefused();
        }

        // A request whose 401 arrives after the others' refresh is done takes what they got.
        if (Volatile.Read(ref _refreshed) is { } done && done.Replaces(token))
        {
            return done.Token;
        }

        return await _refreshes.RunAsync(
            token.Value,
            static run => run.Tokens.RefreshOnceAsync(run.Token),
            (Tokens: this, Token: token),
            cancellationToken).ConfigureAwait(false);
    }

    private async Task<SessionToken> RefreshOnceAsync(AccessToken refused)
    {
        // Nobody's cancellation but this timeout ends a refresh that others wait for.
        using var timeout = new CancellationTokenSource(_refreshTimeout, _time);
        SessionToken token;
        try
        {
            token = Check(await AskAsync(refused, timeout.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            throw _failure.TimedOut();
        }

        // The same token again is worth its one retry: a server whose clock lags refuses a token only for a while.
        if (!string.Equals(token.Token?.Value, refused.Value, StringComparison.Ordinal))
        {
            Volatile.Write(ref _refreshed, new RefreshedToken(refused, token));
        }

        AuthLog.TokenRefreshed(_log);
        return token;
    }

    private async ValueTask<AccessToken?> AskAsync(AccessToken? refused, CancellationToken cancellationToken)
    {
        if (_delegate is null)
        {
            return _secret is null ? throw AuthFailure.NoProvider() : null;
        }

        try
        {
            var answer = _delegate(refused, cancellationToken);
            var token = answer.IsCompleted
                ? await answer.ConfigureAwait(false)
                : await answer.AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
            return token ?? throw _failure.NoSession();
        }
        catch (Exception exception) when (exception is not SyncException)
        {
            cancellationToken.ThrowIfCancellationRequested();

            // The app's exception may quote a token or an answer: it is named, not kept.
            throw _failure.Threw(exception);
        }
    }

    private SessionToken Check(AccessToken? token)
    {
        if (token is null)
        {
            return _secret!;
        }

        var last = Volatile.Read(ref _last);
        if (last is not null && string.Equals(last.Token!.Value, token.Value, StringComparison.Ordinal))
        {
            return last;
        }

        var claims = JwtClaims.TryRead(token.Value);
        if (!_allowRlsBypass && (SecretKey.Is(claims) || SecretKey.Is(token.Value)))
        {
            throw AuthFailure.SecretKeyRefused("The access token");
        }

        if (claims is null)
        {
            throw JwtClaims.HoldsForeign(token.Value) ? _failure.NotSendable() : _failure.NotAJwt();
        }

        var subject = claims.Subject ?? (SecretKey.Is(claims) ? SecretKey.ServiceRole : null);
        if (string.IsNullOrEmpty(subject) || string.IsNullOrEmpty(claims.Role))
        {
            throw _failure.NotAUser();
        }

        var checkedToken = new SessionToken(token, "Bearer " + token.Value, subject, claims.Role);
        Volatile.Write(ref _last, checkedToken);
        return checkedToken;
    }

    private sealed record RefreshedToken(AccessToken Refused, SessionToken Token)
    {
        public bool Replaces(AccessToken token) => string.Equals(Refused.Value, token.Value, StringComparison.Ordinal);
    }
}
