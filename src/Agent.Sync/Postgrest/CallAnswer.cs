namespace Agent.Sync.Postgrest;

/// <summary>A successful answer: its JSON in pooled memory.</summary>
internal sealed class CallAnswer(byte[] buffer, int length, DateTimeOffset? serverTime) : IDisposable
{
    private byte[]? _buffer = buffer;

    /// <summary>Gets a value indicating whether the function does not exist. There is no body then.</summary>
    public bool IsMissing { get; private init; }

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

    /// <summary>Makes the answer of a project that lacks the function.</summary>
    public static CallAnswer Missing() => new(PageMemory.Bytes.Rent(0), 0, serverTime: null) { IsMissing = true };

    /// <summary>Reads the body as rows of a dataset; no body is no rows. The memory becomes the page's.</summary>
    /// <exception cref="SyncException">It is not such rows; the memory is back in the pool.</exception>
    public Page ToPage(Dataset dataset, int maxDepth)
    {
        if (length == 0)
        {
            return Page.Parse(dataset, "[]"u8);
        }

        var bytes = Interlocked.Exchange(ref _buffer, null);
        ObjectDisposedException.ThrowIf(bytes is null, this);
        return PageParser.Parse(dataset, bytes, length, maxDepth);
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } bytes)
        {
            PageMemory.Bytes.Return(bytes);
        }
    }
}
