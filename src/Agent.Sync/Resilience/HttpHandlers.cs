using System.Net;

namespace Agent.Sync.Resilience;

/// <summary>Makes the handler every request goes through unless the app gives its own.</summary>
internal static class HttpHandlers
{
    // Node's servers close a connection after 5 s without a request: one that is about to be closed must not be picked
    // up again. A run that pauses longer pays one handshake.
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(4);

    // Long enough to cost nothing, short enough to follow a DNS change.
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    public static SocketsHttpHandler Create() => new()
    {
        // A redirect to another host strips Authorization but not apikey.
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.GZip | DecompressionMethods.Brotli,
        PooledConnectionIdleTimeout = IdleTimeout,
        PooledConnectionLifetime = Lifetime,
        ConnectTimeout = ConnectTimeout,
    };
}
