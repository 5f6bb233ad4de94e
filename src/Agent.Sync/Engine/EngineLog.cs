using Microsoft.Extensions.Logging;

namespace Agent.Sync.Engine;

internal static partial class EngineLog
{
    [LoggerMessage(1000, LogLevel.Debug, "Sync starts: {Datasets} datasets, {PageSize} rows per page.")]
    public static partial void RunStarts(ILogger log, int datasets, int pageSize);

    [LoggerMessage(1001, LogLevel.Information, "Sync of {Dataset}: {Outcome}, grade {Grade}, {Applied} applied, {Unchanged} unchanged, {Deleted} deleted, {Pages} pages, {Requests} requests, {Retries} retries, {Seconds:F2} s.")]
    public static partial void DatasetEnded(
        ILogger log, string dataset, SyncOutcome outcome, CompletenessGrade grade, long applied, long unchanged, long deleted, long pages, long requests, long retries, double seconds);

    [LoggerMessage(1002, LogLevel.Information, "Sync ended: {Outcome} in {Seconds:F2} s, memory peaked at {PeakBytes} bytes, {PeakPercent:F1}% of the limit.")]
    public static partial void RunEnded(ILogger log, SyncOutcome outcome, double seconds, long peakBytes, double peakPercent);

    [LoggerMessage(1003, LogLevel.Information, "Sync of {Dataset} was cancelled; everything committed stays.")]
    public static partial void Cancelled(ILogger log, string dataset);

    [LoggerMessage(1004, LogLevel.Error, "Sync of {Dataset} failed: {Kind}, code {Code}. Everything committed stays.")]
    public static partial void Failed(ILogger log, string dataset, SyncErrorKind kind, string code);

    [LoggerMessage(1006, LogLevel.Debug, "Sync of {Dataset}: nothing moved, grade {Grade}, {Unchanged} unchanged, {Pages} pages, {Requests} requests, {Retries} retries, {Seconds:F2} s.")]
    public static partial void DatasetWasIdle(
        ILogger log, string dataset, CompletenessGrade grade, long unchanged, long pages, long requests, long retries, double seconds);

    [LoggerMessage(1007, LogLevel.Debug, "Sync ended: nothing moved, in {Seconds:F2} s, memory peaked at {PeakBytes} bytes, {PeakPercent:F1}% of the limit.")]
    public static partial void RunWasIdle(ILogger log, double seconds, long peakBytes, double peakPercent);

    [LoggerMessage(1005, LogLevel.Information, "The position of {Dataset} was reset; its rows stay.")]
    public static partial void WasReset(ILogger log, string dataset);

    [LoggerMessage(1008, LogLevel.Warning, "{Rows} rows of {Dataset} are refused by a constraint or a trigger of the local table; they are kept aside and tried again. ReadParkedRowsAsync lists them.")]
    public static partial void RowsParked(ILogger log, string dataset, long rows);

    [LoggerMessage(1009, LogLevel.Information, "Dry run of {Dataset}: {Outcome}, would apply {Applied}, delete {Deleted}, push {Pushed} with {Conflicts} conflicts; estimated: {IsEstimate}; {Requests} requests.")]
    public static partial void DatasetDryRun(ILogger log, string dataset, SyncOutcome outcome, long applied, long deleted, long pushed, long conflicts, bool isEstimate, long requests);

    [LoggerMessage(1010, LogLevel.Error, "A sync made no step for {Seconds:F0} s and was given up. It waits for: {WaitsFor}. Everything committed stays.")]
    public static partial void RunStalled(ILogger log, SyncWait waitsFor, double seconds);
}
