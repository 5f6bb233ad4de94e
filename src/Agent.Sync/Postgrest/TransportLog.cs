using Microsoft.Extensions.Logging;

namespace Agent.Sync.Postgrest;

internal static partial class TransportLog
{
    [LoggerMessage(4000, LogLevel.Debug, "Request for {Dataset} answered {Status}, code {Code}.")]
    public static partial void Answered(ILogger log, string dataset, int status, string code);

    [LoggerMessage(4001, LogLevel.Debug, "Request for {Dataset} got no whole answer: {Reason}.")]
    public static partial void NoAnswer(ILogger log, string dataset, string reason);

    [LoggerMessage(4002, LogLevel.Warning, "The server asked {Dataset} to slow down and named {Milliseconds:F0} ms.")]
    public static partial void SlowedDown(ILogger log, string dataset, double milliseconds);

    [LoggerMessage(4003, LogLevel.Debug, "Session opened; {Datasets} datasets.")]
    public static partial void SessionOpened(ILogger log, int datasets);
}
