using System.Security.Cryptography;
using System.Text;
using SQLitePCL;

namespace Agent.Sync.Sqlite.Database;

/// <summary>The key of an encrypted database: asked for once, and kept for the connections that the store makes until it is disposed.</summary>
/// <param name="ask">What gives the key; null where the database is not encrypted.</param>
/// <param name="path">The database, for messages.</param>
internal sealed class DatabaseKey(Func<CancellationToken, ValueTask<string?>>? ask, string path) : IDisposable
{
    private readonly Lock _state = new();
    private readonly SemaphoreSlim _turn = new(1);
    private byte[]? _bytes;
    private bool _isDisposed;

    /// <summary>Gets a value indicating whether the database has a key.</summary>
    public bool IsUsed => ask is not null;

    /// <summary>Gets a value indicating whether the key has to be asked for before a connection is made.</summary>
    public bool IsDue
    {
        get
        {
            lock (_state)
            {
                return ask is not null && _bytes is null && !_isDisposed;
            }
        }
    }

    /// <summary>Asks for the key, unless another call got it meanwhile.</summary>
    /// <exception cref="SyncStoreException">There is no key.</exception>
    public async ValueTask AskAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (IsDue)
            {
                Keep(await CallAsync(cancellationToken).ConfigureAwait(false));
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Gives the key to a connection that has read nothing yet.</summary>
    /// <exception cref="SyncStoreException">The library does not encrypt.</exception>
    public void ApplyTo(sqlite3 handle)
    {
        int code;
        try
        {
            // The bytes go as they are: a PRAGMA would need quotes, and a library without encryption would pass over it.
            code = raw.sqlite3_key(handle, _bytes ?? throw KeyFailure.None(path));
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or NotSupportedException or NotImplementedException)
        {
            throw KeyFailure.NotEncrypting(path);
        }

        if (code != raw.SQLITE_OK)
        {
            throw KeyFailure.NotEncrypting(path);
        }
    }

    public void Dispose()
    {
        lock (_state)
        {
            _isDisposed = true;
            CryptographicOperations.ZeroMemory(_bytes);
            _bytes = null;
        }
    }

    private async ValueTask<string> CallAsync(CancellationToken cancellationToken)
    {
        string? key;
        try
        {
            key = await ask!(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!(exception is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            throw KeyFailure.Threw(path, exception);
        }

        return string.IsNullOrEmpty(key) ? throw KeyFailure.None(path) : key;
    }

    private void Keep(string key)
    {
        lock (_state)
        {
            if (!_isDisposed)
            {
                // Pinned, so that no copy stays behind when memory is compacted.
                _bytes = GC.AllocateUninitializedArray<byte>(Encoding.UTF8.GetByteCount(key), pinned: true);
                Encoding.UTF8.GetBytes(key, _bytes);
            }
        }
    }
}
