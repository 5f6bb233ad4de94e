using Microsoft.Extensions.Logging;

namespace Agent.Sync.Hosting;

internal static partial class HostedSyncLog
{
    [LoggerMessage(7000, LogLevel.Information, "The hosted sync {Name} starts: a run every {Interval}.")]
    public static partial void Started(ILogger log, string name, TimeSpan interval);

    [LoggerMessage(7001, LogLevel.Information, "The hosted sync {Name} works again after {Failures} failed runs.")]
    public static partial void Recovered(ILogger log, string name, int failures);

    [LoggerMessage(7002, LogLevel.Warning, "The hosted sync {Name} failed ({Kind}, code {Code}) and backs off. It is tried again with growing waits, without another message, until it works.")]
    public static partial void BacksOff(ILogger log, string name, SyncErrorKind kind, string code);

    [LoggerMessage(7003, LogLevel.Error, "The hosted sync {Name} stopped with {Outcome}, which needs a decision. {Advice}")]
    public static partial void NeedsDecision(ILogger log, string name, SyncOutcome outcome, string advice);

    [LoggerMessage(7004, LogLevel.Error, "The hosted sync {Name} failed ({Failure}, code {Code}), and somebody has to correct that. It is tried again every {Wait}. {Advice}")]
    public static partial void Failed(ILogger log, string name, string failure, string code, TimeSpan wait, string advice);

    [LoggerMessage(7005, LogLevel.Information, "The hosted sync {Name} waits for somebody to sign in.")]
    public static partial void SignedOut(ILogger log, string name);

    [LoggerMessage(7006, LogLevel.Information, "The hosted sync {Name} goes on: somebody is signed in.")]
    public static partial void SignedIn(ILogger log, string name);

    [LoggerMessage(7007, LogLevel.Information, "The hosted sync {Name} goes on: a decision was made.")]
    public static partial void Decided(ILogger log, string name);

    [LoggerMessage(7008, LogLevel.Information, "The hosted sync {Name} has stopped. What was committed stays.")]
    public static partial void Stopped(ILogger log, string name);
}
