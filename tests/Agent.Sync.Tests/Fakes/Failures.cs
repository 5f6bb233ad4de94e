namespace Agent.Sync.Tests.Fakes;

internal static class Failures
{
    public static SyncTransportException Unreachable { get; } = new(SyncErrorKind.Unreachable, "down", "items", code: null, isTransient: true);

    public static SyncTransportException StatementTimeout { get; } = new(SyncErrorKind.StatementTimeout, "slow", "items", "57014", isTransient: true);

    public static SyncAuthException UserChanged { get; } = new(SyncErrorKind.UserChanged, "another user", "items");
}
