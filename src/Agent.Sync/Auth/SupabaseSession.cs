using Agent.Sync.Auth;
using Agent.Sync.Resilience;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agent.Sync;

/// <summary>A user's session with Supabase Auth, for apps without another client. It signs in, refreshes the token in time, and signs out.</summary>
/// <remarks>
/// Safe for concurrent use: refresh tokens can be used once, so parallel callers share one refresh. No log message and no
/// exception holds a token. <see cref="SyncEngineBuilder.UseSession"/> connects it to a sync.
/// </remarks>
public sealed partial class SupabaseSession : IDisposable
{
    private static readonly TimeSpan RefreshEarly = TimeSpan.FromMinutes(1);

    // While the old token still works, a failed refresh holds up no request more often than this.
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(10);

    private readonly Uri _project;
    private readonly bool _allowsInsecureLoopback;
    private readonly AuthServer _server;
    private readonly SessionKeeper _keeper;
    private readonly ILogger _log;
    private readonly SingleFlight<AccessToken?> _refreshes = new();
    private Held? _held;
    private int _signOuts;

    /// <summary>Initializes a new instance that is signed out and keeps its state in memory only. Sends nothing.</summary>
    /// <param name="url">The project's URL, such as <c>https://abc.supabase.co</c>.</param>
    /// <param name="apiKey">The publishable (or legacy anon) key; a secret key is refused.</param>
    /// <exception cref="ArgumentException">The URL or the key is invalid.</exception>
    /// <exception cref="SyncAuthException">The key is a secret one.</exception>
    public SupabaseSession(string url, string apiKey)
        : this(new SupabaseSessionOptions { Url = Uri.TryCreate(url, UriKind.Absolute, out var parsed) ? parsed : null, ApiKey = apiKey })
    {
    }

    /// <summary>Initializes a new instance, signed in if the options or their file hold a state. Sends nothing: it works without a network.</summary>
    /// <param name="options">The project, and where the state is kept.</param>
    /// <exception cref="ArgumentException">The URL, the key or the state is invalid.</exception>
    /// <exception cref="SyncAuthException">The key is a secret one.</exception>
    /// <exception cref="InvalidOperationException">The handler follows redirects.</exception>
    /// <exception cref="SyncStoreException">The file cannot be read.</exception>
    public SupabaseSession(SupabaseSessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _log = options.Logger ?? NullLogger.Instance;
        _server = new AuthServer(options, _log);
        (_project, _allowsInsecureLoopback) = (options.Url!, options.AllowInsecureLoopback);
        if (options is { State: not null, StateFile: not null })
        {
            throw new ArgumentException(SessionOptionsRules.StateTwice, nameof(options));
        }

        _keeper = new SessionKeeper(options, _server.ProjectUrl, _log);
        if ((options.State ?? _keeper.Restore()) is { } state)
        {
            if (JwtClaims.TryRead(state.AccessToken)?.Subject != state.UserId || string.IsNullOrEmpty(state.RefreshToken))
            {
                throw new ArgumentException("The state is not one that StateChanged gave: its token is not the user's, or the refresh token is missing.", nameof(options));
            }

            _held = new Held(state);
        }
    }

    /// <summary>Gets the signed-in user's id; null when nobody is signed in.</summary>
    public string? UserId => Volatile.Read(ref _held)?.State.UserId;

    /// <summary>Gets a value indicating whether somebody is signed in. True also while the token has expired and there is no network: it is refreshed when it is needed.</summary>
    public bool IsSignedIn => UserId is not null;

    /// <summary>Returns the user's JWT. It is refreshed if it expires within a minute or was refused. Use it as <c>SyncOptions.AccessTokenProvider</c>.</summary>
    /// <param name="refused">Null, the default, normally. After a 401 the token that the server refused: it is refreshed.</param>
    /// <param name="cancellationToken">Ends this caller's wait; a refresh that other callers share continues.</param>
    /// <returns>The token; null when nobody is signed in.</returns>
    /// <exception cref="SyncAuthException">The session is over: sign in again.</exception>
    /// <exception cref="SyncTransportException">The token has expired and the server could not be reached.</exception>
    /// <exception cref="SyncStoreException">The token has expired and the new state could not be saved.</exception>
    public async ValueTask<AccessToken?> GetAccessTokenAsync(AccessToken? refused = null, CancellationToken cancellationToken = default)
    {
        if ((Volatile.Read(ref _held) ?? await FindAsync().ConfigureAwait(false)) is not { } held)
        {
            return null;
        }

        if (refused is not null)
        {
            return string.Equals(refused.Value, held.State.AccessToken, StringComparison.Ordinal)
                ? await RefreshAsync(held, cancellationToken).ConfigureAwait(false)
                : held.Token;
        }

        var now = _server.Time.GetUtcNow();
        if (held.State.ExpiresAt - now > RefreshEarly || now < held.NextEarlyRefresh)
        {
            return held.Token;
        }

        try
        {
            return await RefreshAsync(held, cancellationToken).ConfigureAwait(false);
        }
        catch (SyncException exception) when (exception is SyncTransportException or SyncStoreException && _server.Time.GetUtcNow() < held.State.ExpiresAt)
        {
            held.NextEarlyRefresh = Earlier(_server.Time.GetUtcNow() + PauseAfterFailure, held.State.ExpiresAt);
            return held.Token;
        }
    }

    /// <summary>Signs out on this device, then tells the server.</summary>
    /// <param name="cancellationToken">Ends the wait for the server. The user is signed out on this device in any case.</param>
    /// <returns>A task that ends when the server has answered.</returns>
    /// <exception cref="SyncTransportException">The server could not be reached. Its session ends when its tokens expire.</exception>
    /// <exception cref="SyncStoreException">The file could not be removed: the user is signed in again after a restart.</exception>
    public async Task SignOutAsync(CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _signOuts);
        Held? held;
        try
        {
            held = Interlocked.Exchange(ref _held, null);
            if (held is null)
            {
                return;
            }

            AuthLog.SignedOut(_log);
            using (await _keeper.LockAsync().ConfigureAwait(false))
            {
                _keeper.Forget(held.State.UserId);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _signOuts);
        }

        await _keeper.TellAsync(state: null).ConfigureAwait(false);
        try
        {
            await _server.SignOutAsync(held.State.AccessToken, cancellationToken).ConfigureAwait(false);
        }
        catch (SyncAuthException)
        {
            // A session that the server does not know any more is signed out.
        }
    }

    /// <summary>Closes the connections. The session on the server stays.</summary>
    public void Dispose() => _server.Dispose();

    /// <summary>Returns a constant text without any token.</summary>
    /// <returns>A constant.</returns>
    public override string ToString() => nameof(SupabaseSession);

    /// <summary>Sets what leads to this session's project, as this user.</summary>
    internal void ApplyTo(SyncOptions options)
    {
        options.Url = _project;
        options.ApiKey = _server.ApiKey;
        options.AllowInsecureLoopback |= _allowsInsecureLoopback;
        options.AccessTokenProvider = GetAccessTokenAsync;
        options.SignedInUser = () => UserId ?? Find()?.UserId;
    }

    /// <summary>Finds whom another process signed in, unless a sign-out is about to remove the file.</summary>
    private SupabaseSessionState? Find()
    {
        try
        {
            return Volatile.Read(ref _signOuts) == 0 ? _keeper.Appeared() : null;
        }
        catch (SyncStoreException)
        {
            // Whoever signs in here meets the same failure, and is told.
            return null;
        }
    }

    private async ValueTask<Held?> FindAsync()
    {
        if (Find() is not { } state)
        {
            return null;
        }

        Held found = new(state);
        if (Interlocked.CompareExchange(ref _held, found, null) is { } current)
        {
            return current;
        }

        _keeper.Take(state);
        await _keeper.TellAsync(state).ConfigureAwait(false);
        return found;
    }

    private static DateTimeOffset Earlier(DateTimeOffset left, DateTimeOffset right) => left < right ? left : right;

    private ValueTask<AccessToken?> RefreshAsync(Held held, CancellationToken cancellationToken) => _refreshes.RunAsync(
        held.State.RefreshToken,
        static run => run.Session.RefreshOnceAsync(run.Held),
        (Session: this, Held: held),
        cancellationToken);

    private async Task<AccessToken?> RefreshOnceAsync(Held held)
    {
        using var exclusive = await _keeper.LockAsync().ConfigureAwait(false);

        // A refresh token that was used already would end the session.
        if (Volatile.Read(ref _held) is var current && !ReferenceEquals(current, held))
        {
            return current?.Token;
        }

        if (_keeper.Newest(held.State) is var newest && !ReferenceEquals(newest, held.State))
        {
            var other = newest is null ? null : new Held(newest);
            current = Interlocked.CompareExchange(ref _held, other, held);
            if (!ReferenceEquals(current, held))
            {
                return current?.Token;
            }

            if (other is null || other.State.ExpiresAt - _server.Time.GetUtcNow() > RefreshEarly)
            {
                exclusive?.Dispose();
                await _keeper.TellAsync(newest).ConfigureAwait(false);
                return other?.Token;
            }

            held = other;
        }

        Held renewed;
        try
        {
            renewed = Hold(await _server.GrantAsync(new Grants.Refresh { RefreshToken = held.State.RefreshToken }, CancellationToken.None).ConfigureAwait(false));
        }
        catch (SyncException exception)
        {
            AuthLog.RefreshFailed(_log, exception.Kind, exception.Code ?? SyncException.NoCode);
            if (AuthErrorCode.EndsSession(exception.Code) && ReferenceEquals(Interlocked.CompareExchange(ref _held, null, held), held))
            {
                _keeper.Forget(held.State.UserId);
                exclusive?.Dispose();
                await _keeper.TellAsync(state: null).ConfigureAwait(false);
            }

            throw;
        }

        // Somebody may have signed out or in meanwhile: theirs stays.
        current = Interlocked.CompareExchange(ref _held, renewed, held);
        if (!ReferenceEquals(current, held))
        {
            return current?.Token;
        }

        AuthLog.SessionRefreshed(_log);
        _keeper.Keep(renewed.State);
        exclusive?.Dispose();
        await _keeper.TellAsync(renewed.State).ConfigureAwait(false);
        return renewed.Token;
    }

    private Held Hold(Grants.Answer answer)
    {
        if (JwtClaims.TryRead(answer.AccessToken)?.Subject is not { Length: > 0 } subject)
        {
            throw AuthFailure.UnexpectedAnswer("200");
        }

        var expiresAt = _server.Time.GetUtcNow() + TimeSpan.FromSeconds(answer.ExpiresIn);
        return new Held(new SupabaseSessionState(answer.AccessToken!, answer.RefreshToken!, expiresAt, subject));
    }

    private sealed class Held(SupabaseSessionState state)
    {
        private long _nextEarlyRefresh;

        public SupabaseSessionState State { get; } = state;

        public AccessToken Token { get; } = new(state.AccessToken);

        public DateTimeOffset NextEarlyRefresh
        {
            get => new(Interlocked.Read(ref _nextEarlyRefresh), TimeSpan.Zero);
            set => Interlocked.Exchange(ref _nextEarlyRefresh, value.UtcTicks);
        }
    }
}
