namespace Agent.Sync.Hosting;

/// <summary>When a hosted sync runs. Read once, when the host starts; values out of range stop the start.</summary>
public sealed class HostedSyncOptions
{
    /// <summary>Gets or sets the time from the end of one run to the start of the next: 1 s to 24 hours. The default is 5 minutes.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets or sets by which share of itself each wait varies at random, so that many devices do not return at once: 0 to 0.5. The default is 0.1.</summary>
    public double Jitter { get; set; } = 0.1;

    /// <summary>Gets or sets a value indicating whether the first run starts with the host. The default is true; with false it starts after the first interval, or when it is woken.</summary>
    public bool RunsAtStart { get; set; } = true;

    /// <summary>Gets or sets the wait after the first transient failure: 100 ms to 1 hour. Every further failure in a row doubles it, up to <see cref="MaxBackoff"/>. The default is 5 s.</summary>
    public TimeSpan Backoff { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets the longest wait after failures: at least <see cref="Backoff"/>, at most 24 hours. The default is 15 minutes.</summary>
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Gets or sets a value indicating whether local edits that wait start a run before the interval is over. The default is true.</summary>
    public bool WakesForEdits { get; set; } = true;

    /// <summary>
    /// Gets or sets how often, between runs, the outbox is counted and the session is looked at: 100 ms to 1 hour. The default is 2 s. Edits of every connection and
    /// process are seen, because the local store is asked; no request is sent.
    /// </summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Gets or sets how long a run that was woken waits, so that edits and triggers close to each other share it: 0 to 1 minute. The default is 1 s.</summary>
    public TimeSpan WakeDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Gets or sets what each run does. The default syncs every dataset in both directions. <see cref="SyncRequest.FullResync"/> and <see cref="SyncRequest.AllowMassDelete"/> are
    /// refused: they answer a question of one run.
    /// </summary>
    public SyncRequest Request { get; set; } = new();

    /// <summary>Sets <see cref="Interval"/>.</summary>
    /// <param name="interval">The time from the end of one run to the start of the next: 1 s to 24 hours.</param>
    /// <returns>These options.</returns>
    public HostedSyncOptions Every(TimeSpan interval)
    {
        Interval = interval;
        return this;
    }
}
