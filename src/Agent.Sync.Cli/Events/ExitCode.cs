namespace Agent.Sync.Cli.Events;

/// <summary>What the process ends with. --help, README.md and docs/console.md list the same.</summary>
internal static class ExitCode
{
    public const int Completed = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int NeedsDecision = 3;
    public const int Auth = 4;

    /// <summary>Everything was done, and what the server rejected, or the file refused, now or earlier, waits for somebody to look at it.</summary>
    public const int Quarantine = 5;

    /// <summary>EX_TEMPFAIL of sysexits.h.</summary>
    public const int TryAgain = 75;

    /// <summary>128 and the signal's number, as shells do.</summary>
    public const int Interrupted = 130;
    public const int Terminated = 143;
}
