namespace Agent.Sync.Cli.Events;

/// <summary>A dataset was compared with the server, and repaired where that was asked for. Counts, never values.</summary>
internal sealed record VerifyEvent(
    string Dataset,
    VerifyOutcome Outcome,
    CompletenessGrade Grade,
    bool IsRepair,
    bool IsClean,
    long Compared,
    long Missing,
    long Stale,
    long Extra,
    long Newer,
    long LeftOut,
    long WithoutPosition,
    long Restored,
    long Removed,
    IReadOnlyList<string> ColumnsLeftOut,
    long Requests,
    long Bytes,
    double Seconds,
    ResyncReason ResyncReason,
    string Database,
    int ExitCode) : ConsoleEvent("verify")
{
    public static VerifyEvent From(VerifyResult result, bool isRepair, string database) => new(
        result.Dataset,
        result.Outcome,
        result.Grade,
        isRepair,
        result.IsClean,
        result.Compared,
        result.Missing,
        result.Stale,
        result.Extra,
        result.Newer,
        result.LeftOut,
        result.WithoutPosition,
        result.Restored,
        result.Removed,
        result.ColumnsLeftOut,
        result.Requests,
        result.Bytes,
        result.Duration.TotalSeconds,
        result.ResyncReason,
        database,
        ExitCodeOf(result, isRepair));

    /// <summary>A repair that did what it found is complete; a report that found something waits for a decision.</summary>
    private static int ExitCodeOf(VerifyResult result, bool isRepair) => result switch
    {
        { Outcome: VerifyOutcome.BudgetReached } => Events.ExitCode.TryAgain,
        { IsClean: true } => Events.ExitCode.Completed,
        { Outcome: VerifyOutcome.Completed, WithoutPosition: 0 } when isRepair => Events.ExitCode.Completed,
        _ => Events.ExitCode.NeedsDecision,
    };
}
