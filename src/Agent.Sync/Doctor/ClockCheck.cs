namespace Agent.Sync.Doctor;

/// <summary>Compares the device's clock with the server's, once.</summary>
internal sealed class ClockCheck(TimeProvider time, FindingList list)
{
    /// <summary>By which PostgREST lets a token's times be off. The Date header itself may be 2 s behind.</summary>
    private static readonly TimeSpan Tolerated = TimeSpan.FromSeconds(30);

    private bool _isDone;

    /// <param name="serverTime">The time of an answer that has just come; null when it had none.</param>
    public void Compare(DateTimeOffset? serverTime)
    {
        if (_isDone)
        {
            return;
        }

        _isDone = true;
        if (serverTime is not { } server)
        {
            list.Error(
                FindingCodes.Clock,
                null,
                "The server's answers have no Date header.",
                "Without the SQL kit every run fails: positions go by the server's clock, never by the device's.",
                "Look for a proxy that removes the header.");
            return;
        }

        var off = time.GetUtcNow() - server;
        if (off.Duration() <= Tolerated)
        {
            list.Ok(FindingCodes.Clock, null, "The device's clock agrees with the server's.");
            return;
        }

        list.Warning(
            FindingCodes.Clock,
            null,
            $"The device's clock is {Words(off.Duration())} {(off > TimeSpan.Zero ? "ahead of" : "behind")} the server's.",
            "Positions do not depend on it, but tokens seem expired or not yet valid, and times that your app writes are wrong.",
            "Set the device's clock by the network.");
    }

    private static string Words(TimeSpan time) => time.TotalHours >= 2
        ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{time.TotalHours:0} hours")
        : time.TotalMinutes >= 2
            ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{time.TotalMinutes:0} minutes")
            : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} seconds");
}
