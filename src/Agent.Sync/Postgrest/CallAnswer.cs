namespace Agent.Sync.Postgrest;

/// <summary>A successful answer: its JSON in pooled memory.</summary>
internal sealed class CallAnswer(byte[] buffer, int length, DateTimeOffset? serverTime) : IDisposable
{
    private byte[]? _buffer = buffer;

    /// <summary>Gets the body; empty when the server sent none.</summary>
    public ReadOnlyMemory<byte> Body
    {
        get
        {
            ObjectDisposedException.ThrowIf(_buffer is null, this);
            return _buffer.AsMemory(0, length);
        }
    }

    public DateTimeOffset? ServerTime { get; } = serverTime;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } bytes)
        {
            PageMemory.Bytes.Return(bytes);
        }
    }
}
