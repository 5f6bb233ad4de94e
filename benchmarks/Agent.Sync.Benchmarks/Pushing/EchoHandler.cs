using System.Net;

namespace Agent.Sync.Benchmarks.Pushing;

/// <summary>Reads a body to its end and answers with the next prepared page, as a bulk insert does.</summary>
internal sealed class EchoHandler(byte[][] answers) : HttpMessageHandler
{
    private int _next;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await request.Content!.CopyToAsync(Stream.Null, cancellationToken);
        var answer = new ReadOnlyMemoryContent(answers[_next++ % answers.Length]);
        answer.Headers.ContentType = new("application/json");
        return new HttpResponseMessage(HttpStatusCode.Created) { Content = answer };
    }
}
