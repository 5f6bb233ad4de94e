namespace Agent.Sync.Resilience;

/// <summary>Refuses handlers that are known to follow redirects: they would hand the project's key to another host.</summary>
internal static class RedirectRule
{
    /// <exception cref="InvalidOperationException">The handler follows redirects.</exception>
    public static void Require(HttpMessageHandler handler)
    {
        var innermost = handler;
        while (innermost is DelegatingHandler { InnerHandler: { } inner })
        {
            innermost = inner;
        }

        if (innermost is SocketsHttpHandler { AllowAutoRedirect: true } or HttpClientHandler { AllowAutoRedirect: true })
        {
            throw new InvalidOperationException(
                $"The {innermost.GetType().Name} follows redirects, which would send the project's key to another host. Set AllowAutoRedirect to false.");
        }
    }
}
