using System.Net.Sockets;

namespace Agent.Sync.Testing.Postgrest.Wire;

internal sealed class DoubleStream(ReadOnlyMemory<byte> body, ScriptedResponse script, TimeProvider time) : Stream
{
    private readonly int _end = script.Fault is ResponseFault.ResetMidBody or ResponseFault.ShortBody or ResponseFault.TruncatedBody or ResponseFault.BadGzip
        ? body.Length / 2
        : body.Length;

    private int _at;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _at;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        if (_at == _end)
        {
            ThrowAtEnd();
            return 0;
        }

        var limit = script.Fault == ResponseFault.SlowDrip ? Math.Min(script.DripBytes, buffer.Length) : buffer.Length;
        var count = Math.Min(limit, _end - _at);
        body.Span.Slice(_at, count).CopyTo(buffer);
        _at += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (script.Fault == ResponseFault.SlowDrip)
        {
            await InlineDelay.WaitAsync(script.DripPause, time, cancellationToken).ConfigureAwait(false);
        }

        return Read(buffer.Span);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
        // Nothing is written, so there is nothing to flush.
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    // The exceptions are those that SocketsHttpHandler and its decompression throw.
    private void ThrowAtEnd()
    {
        switch (script.Fault)
        {
            case ResponseFault.ResetMidBody:
                throw new IOException("The connection was reset.", new SocketException((int)SocketError.ConnectionReset));
            case ResponseFault.ShortBody:
                throw new HttpIOException(HttpRequestError.ResponseEnded, "The response ended prematurely.");
            case ResponseFault.BadGzip:
                throw new InvalidDataException("The archive entry was compressed using an unsupported compression method.");
            default:
                break;
        }
    }
}
