namespace Agent.Sync.Tests.Postgrest;

/// <summary>A body whose length nobody knows before its end, as with chunked or compressed answers.</summary>
internal sealed class NoLengthStream(byte[] bytes) : MemoryStream(bytes)
{
    public override bool CanSeek => false;

    // A network delivers in pieces.
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        base.ReadAsync(buffer[..Math.Min(buffer.Length, 1000)], cancellationToken);
}
