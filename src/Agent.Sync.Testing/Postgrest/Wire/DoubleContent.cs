using System.Net;

namespace Agent.Sync.Testing.Postgrest.Wire;

/// <summary>A body that can break, end early or drip while it is read.</summary>
internal sealed class DoubleContent(ReadOnlyMemory<byte> body, ScriptedResponse script, TimeProvider time) : HttpContent
{
    protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult<Stream>(new DoubleStream(body, script, time));

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => new DoubleStream(body, script, time);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        using var source = new DoubleStream(body, script, time);
        await source.CopyToAsync(stream).ConfigureAwait(false);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = body.Length;
        return script.Fault is not (ResponseFault.TruncatedBody or ResponseFault.BadGzip);
    }
}
