using System.Globalization;

namespace Agent.Sync.Resilience;

/// <summary>What a request fails with that got no answer in time, or was not sent.</summary>
internal static class PipelineFailure
{
    public static SyncTransportException BreakerIsOpen(ResilientRequest request) =>
        new(SyncErrorKind.CircuitOpen, "The breaker is open after too many failed attempts: nothing was sent. Try again later; the log names the failures that opened it.", request.Dataset, request.Failure?.Code, isTransient: true);

    public static SyncTransportException AttemptTookTooLong(ResilientRequest request, TimeSpan timeout) =>
        new(SyncErrorKind.Timeout, $"The server did not answer within {Seconds(timeout)} s. Lower the page size, index the UpdatedAt column and the key together, or raise Retry.AttemptTimeout.", request.Dataset, code: null, isTransient: true) { IsUnanswered = true };

    public static SyncTransportException RequestTookTooLong(ResilientRequest request, TimeSpan timeout) =>
        new(SyncErrorKind.Timeout, $"The request did not succeed within {Seconds(timeout)} s, retries and waits included. Try again later, or raise Retry.RequestTimeout.", request.Dataset, request.Failure?.Code, isTransient: true)
        {
            IsUnanswered = request.Failure is null or SyncTransportException { IsUnanswered: true },
        };

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
}
