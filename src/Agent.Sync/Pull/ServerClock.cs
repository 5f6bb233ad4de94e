namespace Agent.Sync.Pull;

/// <summary>The server's time, from the answer itself: never the device's clock, which may be wrong by hours.</summary>
internal static class ServerClock
{
    // A year that no server has: nothing could be reckoned from it, and its neighbours would not even be dates.
    private const int FirstYear = 1990;
    private const int LastYear = 9000;

    /// <exception cref="SyncProtocolException">The answer has no time, or one that cannot be the present.</exception>
    public static DateTimeOffset Require(Dataset dataset, PulledPage page) => page.ServerTime switch
    {
        null => throw Failure(dataset, "has no Date header that can be read (RFC 9110, 6.6.1), and the device's clock is not trusted instead. Check for a proxy that removes or rewrites it."),
        { Year: < FirstYear or > LastYear } => throw Failure(dataset, "has a Date header whose year cannot be the present (RFC 9110, 6.6.1), and the device's clock is not trusted instead. Correct the clock of the server, or of the proxy that writes the header."),
        { } time => time,
    };

    private static SyncProtocolException Failure(Dataset dataset, string what) =>
        new(SyncErrorKind.UnexpectedResponse, $"The answer for dataset '{dataset.Name}' {what}", dataset.Name);
}
