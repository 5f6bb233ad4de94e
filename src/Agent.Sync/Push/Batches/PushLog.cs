using Microsoft.Extensions.Logging;

namespace Agent.Sync.Push.Batches;

internal static partial class PushLog
{
    [LoggerMessage(3000, LogLevel.Debug, "Request for {Dataset}, {Method}: {Changes} changes, {Bytes} bytes sent, {Milliseconds:F1} ms.")]
    public static partial void Answered(ILogger log, string dataset, string method, int changes, int bytes, double milliseconds);

    [LoggerMessage(3001, LogLevel.Information, "Push of {Dataset} starts: {Changes} changes wait.")]
    public static partial void Starts(ILogger log, string dataset, long changes);

    [LoggerMessage(3002, LogLevel.Debug, "Settled for {Dataset}: {Applied} applied, {Conflicts} conflicts, {Rejected} rejected, {Returned} wait again, {Milliseconds:F1} ms.")]
    public static partial void Settled(ILogger log, string dataset, long applied, long conflicts, long rejected, long returned, double milliseconds);

    [LoggerMessage(3003, LogLevel.Warning, "The server rejected {Changes} changes of {Dataset} ({Code}); they are in quarantine.")]
    public static partial void Rejected(ILogger log, string dataset, int changes, string code);

    [LoggerMessage(3004, LogLevel.Warning, "Push of {Dataset} stops: {Rejected} changes were rejected in this run, {Quarantined} are in quarantine.")]
    public static partial void QuarantineFull(ILogger log, string dataset, long rejected, long quarantined);

    [LoggerMessage(3005, LogLevel.Warning, "A request for {Dataset} was too much for the server ({Code}); sending {Changes} changes at once from now on.")]
    public static partial void BatchShrunk(ILogger log, string dataset, string code, int changes);

    [LoggerMessage(3006, LogLevel.Debug, "A row of a batch of {Changes} changes for {Dataset} was refused ({Code}); looking for it.")]
    public static partial void Bisecting(ILogger log, string dataset, int changes, string code);

    [LoggerMessage(3007, LogLevel.Debug, "Sending the changes of {Dataset} again whose conflict was settled for the local row: {Rebased}.")]
    public static partial void NextRound(ILogger log, string dataset, long rebased);

    [LoggerMessage(3009, LogLevel.Debug, "Sending changes of {Dataset} again that were refused for what may be different now: {Deferred}.")]
    public static partial void Deferred(ILogger log, string dataset, int deferred);

    [LoggerMessage(3010, LogLevel.Warning, "The server refuses changes of {Dataset} ({Code}) for a reason that is no row's: they wait, nothing of it is in quarantine.")]
    public static partial void NobodysFault(ILogger log, string dataset, string code);

    [LoggerMessage(3008, LogLevel.Debug, "Requests in flight for {Dataset}: up to {Requests} from now on.")]
    public static partial void InFlightChanged(ILogger log, string dataset, int requests);
}
