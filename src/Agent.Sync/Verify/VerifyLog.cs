using Microsoft.Extensions.Logging;

namespace Agent.Sync.Verify;

internal static partial class VerifyLog
{
    [LoggerMessage(9000, LogLevel.Debug, "Verify of {Dataset} starts: repairs {Repairs}, compares values {Values}, continues an earlier one {Continues}.")]
    public static partial void Starts(ILogger log, string dataset, bool repairs, bool values, bool continues);

    [LoggerMessage(9001, LogLevel.Information, "Verify of {Dataset}: {Outcome}, {Compared} compared, {Missing} missing, {Stale} stale, {Extra} extra, {Newer} newer, {Restored} restored, {Removed} removed, {Requests} requests, {Seconds:F2} s.")]
    public static partial void Ended(
        ILogger log, string dataset, VerifyOutcome outcome, long compared, long missing, long stale, long extra, long newer, long restored, long removed, long requests, double seconds);

    [LoggerMessage(9002, LogLevel.Warning, "Verify of {Dataset} found {Extra} of {Stored} local rows that the server does not show; none was removed. Look at the policies and grants, then set AllowMassDelete.")]
    public static partial void MassDeleteRefused(ILogger log, string dataset, long extra, long stored);

    [LoggerMessage(9003, LogLevel.Debug, "A digest of {Dataset} was too much ({Code}): the next walks over {Rows} rows.")]
    public static partial void WalkShrunk(ILogger log, string dataset, int rows, string code);

    [LoggerMessage(9004, LogLevel.Debug, "The database cannot answer with digests of {Dataset} ({Code}): keys are compared one by one.")]
    public static partial void DigestsMissing(ILogger log, string dataset, string code);

    [LoggerMessage(9005, LogLevel.Error, "Verify of {Dataset} failed: {Kind}, code {Code}. What was repaired stays.")]
    public static partial void Failed(ILogger log, string dataset, SyncErrorKind kind, string code);

    [LoggerMessage(9006, LogLevel.Information, "Verify of {Dataset} was cancelled; what was repaired stays.")]
    public static partial void Cancelled(ILogger log, string dataset);
}
