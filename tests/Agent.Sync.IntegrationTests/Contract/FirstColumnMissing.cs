using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace Agent.Sync.IntegrationTests.Contract;

/// <summary>Answers the first read of each table as PostgREST does when a column is missing.</summary>
internal sealed class FirstColumnMissing(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private readonly ConcurrentDictionary<string, bool> _refused = new();

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        request.Method == HttpMethod.Get && _refused.TryAdd(request.RequestUri!.AbsolutePath, true)
            ? Task.FromResult(new HttpResponseMessage(HttpStatusCode.BadRequest) { Content = new StringContent("""{"code":"42703"}""", Encoding.UTF8, "application/json") })
            : base.SendAsync(request, cancellationToken);
}
