using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace Agent.Sync.IntegrationTests.Contract;

/// <summary>Answers the first update and the first delete of each table as PostgreSQL does when it refuses them.</summary>
internal sealed class FirstRefused(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private readonly ConcurrentDictionary<(HttpMethod Method, string Path), bool> _refused = new();

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var isWrite = request.Method == HttpMethod.Patch || request.Method == HttpMethod.Delete;
        return isWrite && _refused.TryAdd((request.Method, request.RequestUri!.AbsolutePath), true)
            ? Task.FromResult(new HttpResponseMessage(HttpStatusCode.Forbidden) { Content = new StringContent("""{"code":"42501"}""", Encoding.UTF8, "application/json") })
            : base.SendAsync(request, cancellationToken);
    }
}
