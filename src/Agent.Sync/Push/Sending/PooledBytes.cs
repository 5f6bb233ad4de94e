using System.Buffers;

namespace Agent.Sync.Push.Sending;

/// <summary>A body under construction, in memory from the pool.</summary>
internal sealed class PooledBytes(int expected) : IBufferWriter<byte>, IDisposable
{
    private const int Smallest = 1024;

    private byte[] _buffer = PageMemory.Bytes.Rent(Math.Max(Smallest, expected));
    private int _length;

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsSpan(_length);
    }

    /// <summary>Empties it, for the next body.</summary>
    public void Clear() => _length = 0;

    /// <summary>Leaves the memory to the garbage collector: a request that broke off may still be reading from it.</summary>
    public void Abandon() => _buffer = [];

    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            PageMemory.Bytes.Return(_buffer);
            _buffer = [];
        }
    }

    private void Reserve(int sizeHint)
    {
        var needed = _length + Math.Max(1, sizeHint);
        if (needed <= _buffer.Length)
        {
            return;
        }

        var larger = PageMemory.Bytes.Rent(Math.Max(needed, _buffer.Length * 2));
        Written.Span.CopyTo(larger);
        Dispose();
        _buffer = larger;
    }
}
