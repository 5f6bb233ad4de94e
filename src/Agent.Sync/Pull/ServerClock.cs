namespace Agent.Sync.Pull;

/// <summary>The server's time, from the answer itself: never the device's clock, which may be wrong by hours.</summary>
internal static class ServerClock
{
    public static DateTimeOffset Require(Dataset dataset, PulledPage page) => page.ServerTime
        ?? throw new SyncProtocolException(
            SyncErrorKind.UnexpectedResponse,
            $"The answer for dataset '{dataset.Name}' has no Date header (RFC 9110, 6.6.1), and the device's clock is not trusted instead. Check for a proxy that removes it.",
            dataset.Name);
}
