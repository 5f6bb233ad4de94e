using System.Collections.Concurrent;

namespace Agent.Sync.IntegrationTests.Faults;

/// <summary>A server at a distance: each request takes 10 ms longer. Keeps what was asked.</summary>
internal sealed class FarAway(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(10);

    private readonly ConcurrentQueue<string> _queries = new();

    public IReadOnlyCollection<string> Queries => [.. _queries];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        _queries.Enqueue(request.RequestUri!.Query);
        await Task.Delay(Latency, cancellationToken);
        return await base.SendAsync(request, cancellationToken);
    }
}
