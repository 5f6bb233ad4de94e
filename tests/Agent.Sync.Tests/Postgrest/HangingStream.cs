namespace Agent.Sync.Tests.Postgrest;

/// <summary>A body that never goes on.</summary>
internal sealed class HangingStream : MemoryStream
{
    public override bool CanSeek => false;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await Never.Ends(cancellationToken);
        return 0;
    }
}
