using System.Buffers;

namespace Agent.Sync.Stores;

/// <summary>Changes taken from an outbox, with their JSON in pooled memory. Not safe for concurrent use.</summary>
public sealed class ChangeBatch : IDisposable
{
    private readonly int _count;
    private PendingChange[]? _changes;
    private byte[]? _bytes;

    internal ChangeBatch(PendingChange[] changes, int count, byte[] bytes)
    {
        _changes = changes;
        _count = count;
        _bytes = bytes;
    }

    /// <summary>Gets the number of changes.</summary>
    public int Count => _count;

    /// <summary>Gets the changes in queue order.</summary>
    /// <exception cref="ObjectDisposedException">The batch was disposed.</exception>
    public ReadOnlyMemory<PendingChange> Changes
    {
        get
        {
            ObjectDisposedException.ThrowIf(_changes is null, this);
            return _changes.AsMemory(0, _count);
        }
    }

    /// <summary>Returns the memory to the pool. The changes must not be used afterwards.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _changes, null) is not { } changes)
        {
            return;
        }

        ArrayPool<PendingChange>.Shared.Return(changes, clearArray: true);
        ArrayPool<byte>.Shared.Return(_bytes!);
        _bytes = null;
    }
}
