using Agent.Sync.Sqlite.Database;

namespace Agent.Sync.Sqlite;

/// <summary>The border of the store: calls take turns, the file is opened when it is needed, and SQLite's failures become the library's.</summary>
internal sealed class StoreConnection(SettledOptions options, SqliteHook? hook) : IDisposable
{
    private readonly Lock _turn = new();
    private StoreSession? _session;
    private bool _isDisposed;

    public ValueTask<T> Run<T>(string? dataset, Func<StoreSession, T> work, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<T>(cancellationToken);
        }

        try
        {
            lock (_turn)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, typeof(SqliteStore));
                return new ValueTask<T>(RunInTurn(dataset, work));
            }
        }
        catch (Exception exception)
        {
            return ValueTask.FromException<T>(exception);
        }
    }

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

    public void Dispose()
    {
        lock (_turn)
        {
            _isDisposed = true;
            Close();
        }
    }

    private T RunInTurn<T>(string? dataset, Func<StoreSession, T> work)
    {
        try
        {
            _session ??= StoreSession.Open(options, hook);
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
        finally
        {
            if (_session?.Database.IsStuck == true)
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
}
