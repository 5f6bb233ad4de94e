namespace Agent.Sync.Tests.Contract;

/// <summary>Fails the test that sends to it.</summary>
internal sealed class UnreachableServer : HttpMessageHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("The request was sent.");
}
