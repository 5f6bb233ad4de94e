using System.Buffers;

namespace Agent.Sync.Sqlite.Values;

/// <summary>A buffer that grows to the largest value and is used again for every other. Not safe for concurrent use.</summary>
internal sealed class ScratchBuffer : IDisposable
{
    private const int FirstLength = 4096;

    private byte[] _bytes = [];

    /// <summary>Returns room whose content is lost at the next call.</summary>
    public Span<byte> Get(int length)
    {
        if (_bytes.Length < length)
        {
            Dispose();
            _bytes = ArrayPool<byte>.Shared.Rent(Math.Max(length, FirstLength));
        }

        return _bytes.AsSpan(0, length);
    }

    public void Dispose()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
        }
    }
}
