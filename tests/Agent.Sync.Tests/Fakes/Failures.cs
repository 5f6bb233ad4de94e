using Agent.Sync.Postgrest;

namespace Agent.Sync.Tests.Fakes;

internal static class Failures
{
    public static SyncTransportException Unreachable { get; } = new(SyncErrorKind.Unreachable, "down", "items", code: null, isTransient: true);

    public static SyncTransportException StatementTimeout { get; } = new(SyncErrorKind.StatementTimeout, "slow", "items", "57014", isTransient: true);

    public static SyncAuthException UserChanged { get; } = new(SyncErrorKind.AuthRequired, "another user", "items") { IsOfAnotherUser = true };

    /// <summary>What the client makes of an error answer to a call.</summary>
    public static SyncException Answered(int status, string? code, ApiCall call) =>
        CallFailure.From(ErrorClassifier.Classify(status, code, call.IsWrite), status, code, call, "authenticated");

    /// <summary>What the client makes of a request that was not answered in time.</summary>
    public static SyncException Unanswered() => new SyncTransportException(SyncErrorKind.Timeout, "late", "items", code: null, isTransient: true) { IsUnanswered = true };

    /// <summary>What the client makes of an answer that never arrived.</summary>
    public static SyncException Lost() => TransportFailure.Unreachable("items", "ResponseEnded");
}
