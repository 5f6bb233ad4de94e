using Microsoft.Extensions.Logging;

namespace Agent.Sync.Auth;

/// <summary>Keeps a session's state where the app wants it: in the file, in the app's own hands, in both or in neither.</summary>
internal sealed class SessionKeeper
{
    // A refresh that another process has under way may need all the time of its request.
    private static readonly TimeSpan LockMargin = TimeSpan.FromSeconds(10);

    private readonly SessionFile? _file;
    private readonly Func<SupabaseSessionState?, ValueTask>? _stateChanged;
    private readonly TimeSpan _lockLimit;
    private readonly ILogger _log;

    // The refresh token that the file held when this session last read or wrote it; null for none.
    private string? _seen;

    private Look _look = new(Written: null, State: null);

    public SessionKeeper(SupabaseSessionOptions options, string project, ILogger log)
    {
        _file = options.StateFile is { } path ? new SessionFile(path, project, options.Time, log) : null;
        _stateChanged = options.StateChanged;
        _lockLimit = options.Retry.RequestTimeout + LockMargin;
        _log = log;
    }

    /// <summary>Returns what the file holds at the start; null when there is none.</summary>
    public SupabaseSessionState? Restore()
    {
        if (_file is null)
        {
            return null;
        }

        var written = _file.LastWrite();
        var state = _file.Read().State;
        _look = new Look(written, state);
        _seen = state?.RefreshToken;
        return state;
    }

    /// <summary>Keeps other processes from the file until the result is disposed; null without a file.</summary>
    public async ValueTask<IDisposable?> LockAsync() => _file is null ? null : await _file.LockAsync(_lockLimit).ConfigureAwait(false);

    /// <summary>Looks, under the lock, whether another process refreshed the session, or signed somebody in or out, since this one looked.</summary>
    /// <param name="state">What this session holds.</param>
    /// <returns>What holds now: the same object, what the other process wrote, or null when it signed out.</returns>
    public SupabaseSessionState? Newest(SupabaseSessionState state)
    {
        if (_file is null)
        {
            return state;
        }

        var content = _file.Read();
        if (content.State is { } found && found.RefreshToken != state.RefreshToken && found.RefreshToken != _seen)
        {
            Take(found);
            return found;
        }

        if (content.IsMissing && _seen is not null)
        {
            AuthLog.SignedOutElsewhere(_log);
            _seen = null;
            return null;
        }

        return state;
    }

    /// <summary>Looks, without the lock, for a user whom another process signed in while nobody is signed in here. It looks into the file again only when that was written.</summary>
    /// <exception cref="SyncStoreException">The disk cannot be read.</exception>
    public SupabaseSessionState? Appeared()
    {
        if (_file?.LastWrite() is not { } written)
        {
            return null;
        }

        var look = Volatile.Read(ref _look);
        if (look.Written != written)
        {
            look = new Look(written, _file.Read().State);
            Volatile.Write(ref _look, look);
        }

        // What this session has seen was signed out here, or is about to be.
        return look.State is { } state && state.RefreshToken != _seen ? state : null;
    }

    /// <summary>Remembers that a state of the file is this session's now.</summary>
    public void Take(SupabaseSessionState state)
    {
        AuthLog.SessionTakenFromFile(_log);
        _seen = state.RefreshToken;
    }

    /// <summary>Writes a new state, under the lock.</summary>
    public void Keep(SupabaseSessionState state)
    {
        if (_file is not null)
        {
            _file.Write(state);
            _seen = state.RefreshToken;
        }
    }

    /// <summary>Forgets a session that is over, under the lock. What another process signed in since stays.</summary>
    public void Forget(string user)
    {
        if (_file?.Read() is { } content && (content.IsDamaged || content.State?.UserId == user))
        {
            _file.Delete();
            _seen = null;
        }
    }

    /// <summary>Tells the app what holds now; not under the lock, since the app may use the session.</summary>
    public ValueTask TellAsync(SupabaseSessionState? state) => _stateChanged?.Invoke(state) ?? ValueTask.CompletedTask;

    private sealed record Look(DateTime? Written, SupabaseSessionState? State);
}
