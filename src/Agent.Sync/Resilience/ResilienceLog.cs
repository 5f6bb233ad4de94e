using Microsoft.Extensions.Logging;

namespace Agent.Sync.Resilience;

internal static partial class ResilienceLog
{
    [LoggerMessage(4100, LogLevel.Warning, "Retry {Retry} after {Kind} (code {Code}), in {Milliseconds:F0} ms.")]
    public static partial void Retrying(ILogger log, int retry, SyncErrorKind kind, string code, double milliseconds);

    [LoggerMessage(4101, LogLevel.Error, "The breaker opened: too many attempts failed, nothing is sent until a probe succeeds.")]
    public static partial void BreakerOpened(ILogger log);

    [LoggerMessage(4102, LogLevel.Information, "The breaker closed: the server answers again.")]
    public static partial void BreakerClosed(ILogger log);

    [LoggerMessage(4103, LogLevel.Debug, "Waited {Milliseconds:F0} ms for the user's rate limit.")]
    public static partial void RateLimitWaited(ILogger log, double milliseconds);

    [LoggerMessage(4104, LogLevel.Warning, "The server asked to slow down: this user's rate is {Rate:F1} requests/s for now.")]
    public static partial void RateHalved(ILogger log, double rate);
}
