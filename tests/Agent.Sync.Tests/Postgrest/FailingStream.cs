namespace Agent.Sync.Tests.Postgrest;

/// <summary>A body that breaks off, with an exception that quotes what came before.</summary>
internal sealed class FailingStream(string quoted) : MemoryStream
{
    public override bool CanSeek => false;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        throw new IOException("reset after " + quoted);
}
