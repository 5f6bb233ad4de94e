using Agent.Sync.Sqlite.Bookkeeping;
using Agent.Sync.Sqlite.Configuration;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Stores;

namespace Agent.Sync.Sqlite;

/// <summary>The boundary of the store: calls take turns, the file is opened when it is needed, and SQLite's failures become the library's.</summary>
internal sealed class StoreConnection(CheckedOptions options, SqliteHook? hook) : IDisposable
{
    private readonly Lock _turn = new();
    private readonly DatabaseKey _key = new(options.Key, options.Path);

    // Leases that this store was granted and has not given back: they are of no use to anybody once the store is disposed.
    private readonly Dictionary<CheckpointId, HeldLease> _leases = [];
    private StoreSession? _session;
    private bool _isDisposed;

    /// <summary>Gets the path of the database file.</summary>
    public string Path => options.Path;

    public ValueTask<T> Run<T>(string? dataset, Func<StoreSession, T> work, CancellationToken cancellationToken) =>
        Run(dataset, work, isMade: static () => true, nothing: default!, cancellationToken);

    /// <summary>Reads the file if it is there and was synced before; makes neither the file nor its bookkeeping.</summary>
    /// <param name="dataset">The dataset; null when it is about none.</param>
    /// <param name="work">What to look at.</param>
    /// <param name="nothing">The answer where the file is missing, or was not synced yet.</param>
    /// <param name="cancellationToken">Ends the call before it began.</param>
    public ValueTask<T> Look<T>(string? dataset, Func<StoreSession, T> work, T nothing, CancellationToken cancellationToken) =>
        Run(dataset, work, () => _session is not null || SqliteOpener.IsMade(options, _key, hook), nothing, cancellationToken);

    /// <summary>Does work in one write transaction.</summary>
    public ValueTask<bool> Write(Action<StoreSession> work, CancellationToken cancellationToken) =>
        Run(
            dataset: null,
            session => session.Database.Write(() =>
            {
                work(session);
                return true;
            }),
            cancellationToken);

    public ValueTask<LeaseAnswer> AcquireLease(LeaseRequest request, CancellationToken cancellationToken) => Run(
        dataset: null,
        session =>
        {
            var answer = session.Database.WriteUnsynced(() => session.Leases.Acquire(request));
            if (answer.Fence is { } fence)
            {
                _leases[request.Checkpoint] = new HeldLease(fence);
            }

            return answer;
        },
        cancellationToken);

    public ValueTask<bool> ReleaseLease(CheckpointId slot, Fence fence, CancellationToken cancellationToken) => Run(
        dataset: null,
        session =>
        {
            Release(session, slot, fence);
            if (_leases.TryGetValue(slot, out var newest) && newest.Fence == fence)
            {
                _leases.Remove(slot);
            }

            return true;
        },
        cancellationToken);

    public void Dispose()
    {
        lock (_turn)
        {
            if (!_isDisposed)
            {
                _isDisposed = true;
                ReleaseAll();
                Close();
                _key.Dispose();
            }
        }
    }

    private static void Release(StoreSession session, CheckpointId slot, Fence fence) => session.Database.WriteUnsynced(() =>
    {
        session.Leases.Release(slot, fence);
        return true;
    });

    private void ReleaseAll()
    {
        foreach (var (slot, lease) in _leases)
        {
            try
            {
                RunInTurn(dataset: null, session =>
                {
                    Release(session, slot, lease.Fence);
                    return true;
                });
            }
            catch (SyncException)
            {
                // It lapses by itself.
                return;
            }
        }
    }

    private ValueTask<T> Run<T>(string? dataset, Func<StoreSession, T> work, Func<bool> isMade, T nothing, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<T>(cancellationToken);
        }

        return _key.IsDue ? RunWithKeyAsync(dataset, work, isMade, nothing, cancellationToken) : RunNow(dataset, work, isMade, nothing);
    }

    private async ValueTask<T> RunWithKeyAsync<T>(string? dataset, Func<StoreSession, T> work, Func<bool> isMade, T nothing, CancellationToken cancellationToken)
    {
        await _key.AskAsync(cancellationToken).ConfigureAwait(false);
        return await RunNow(dataset, work, isMade, nothing).ConfigureAwait(false);
    }

    private ValueTask<T> RunNow<T>(string? dataset, Func<StoreSession, T> work, Func<bool> isMade, T nothing)
    {
        try
        {
            lock (_turn)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, typeof(SqliteStore));
                return new ValueTask<T>(RunInTurn(dataset, work, isMade, nothing));
            }
        }
        catch (Exception exception)
        {
            return ValueTask.FromException<T>(exception);
        }
    }

    private T RunInTurn<T>(string? dataset, Func<StoreSession, T> work) => RunInTurn(dataset, work, isMade: static () => true, nothing: default!);

    private T RunInTurn<T>(string? dataset, Func<StoreSession, T> work, Func<bool> isMade, T nothing)
    {
        try
        {
            if (!isMade())
            {
                return nothing;
            }

            _session ??= StoreSession.Open(options, _key, hook);
            _session.Database.Files.RequireSame();
            return work(_session);
        }
        catch (SqliteFailure failure)
        {
            if (SqliteErrors.NeedsNewConnection(failure))
            {
                Close();
            }

            throw SqliteErrors.ToException(failure, options.Path, dataset);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException or IndexOutOfRangeException or InvalidCastException)
        {
            // What the caller gave was checked before; the exception is named, not kept, since it may quote a value.
            throw BookkeepingFault.Unreadable(options.Path, dataset, exception.GetType().Name);
        }
        finally
        {
            if (_session?.Database is { IsStuck: true } or { Files.WereReplaced: true })
            {
                Close();
            }
        }
    }

    private void Close()
    {
        _session?.Dispose();
        _session = null;
    }

    /// <summary>An object: each process would compile a dictionary of the fence itself, a value type of another assembly, anew.</summary>
    private sealed record HeldLease(Fence Fence);
}
