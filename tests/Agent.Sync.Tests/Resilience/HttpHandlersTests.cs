using System.Net;
using Agent.Sync.Resilience;

namespace Agent.Sync.Tests.Resilience;

public sealed class HttpHandlersTests
{
    [Fact]
    public void Create_ByDefault_FollowsNothingKeepsNothingAndDecompresses()
    {
        using var handler = HttpHandlers.Create();

        Assert.False(handler.AllowAutoRedirect);
        Assert.False(handler.UseCookies);
        Assert.Equal(DecompressionMethods.GZip | DecompressionMethods.Brotli, handler.AutomaticDecompression);
        Assert.InRange(handler.PooledConnectionIdleTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4.9));
    }
}
