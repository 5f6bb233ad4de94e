using Agent.Sync.Cli.Events;

namespace Agent.Sync.Cli.Output;

/// <summary>The summary of a run.</summary>
internal static class ResultText
{
    public static void Write(ResultEvent result, Action<string, string> row, Action<string, string> headline)
    {
        headline(Headline(result), result.Outcome == SyncOutcome.Completed ? "green" : "yellow");
        foreach (var dataset in result.ResumedAt)
        {
            row("resumed", $"{dataset.Dataset} at {Words.Position(dataset.Rows, dataset.Total)}");
        }

        if (result.IsDryRun)
        {
            Plan(result, row);
        }
        else if (result.Requests > 0)
        {
            Work(result, row);
        }

        row("file", result.Database);
        if (result.HasMore)
        {
            row("more", "rows arrived meanwhile: run again soon");
        }

        if (result.HorizonHeldSince is { } since)
        {
            row("held back", $"a transaction on the server is open since {StatusText.Time(since)}");
        }

        var label = "to do";
        foreach (var line in Advice(result))
        {
            row(label, line);
            label = "";
        }
    }

    /// <summary>An outcome that needs a decision, and what to do, in one line.</summary>
    public static string Decision(ResultEvent result) => $"{Headline(result)}; {string.Join(" ", Advice(result))}";

    private static void Plan(ResultEvent result, Action<string, string> row)
    {
        if (result.Direction != SyncDirection.Pull)
        {
            row("up", $"{Words.Changes(result.Pushed)} to send, {Words.Counted(result.Conflicts, "conflict")} to settle");
        }

        if (result.Direction != SyncDirection.Push)
        {
            row("down", $"{(result.IsEstimate ? "about " : "")}{Words.Count(result.Applied)} rows to apply, {Words.Count(result.Deleted)} to delete");
        }
    }

    private static void Work(ResultEvent result, Action<string, string> row)
    {
        if (result.Direction != SyncDirection.Pull)
        {
            row("up", $"{Words.Changes(result.Pushed)} sent, {Words.Counted(result.Conflicts, "conflict")} settled, {Words.Count(result.Rejected)} rejected");
        }

        if (result.Direction != SyncDirection.Push)
        {
            row("down", $"{Words.Count(result.Applied)} rows applied, {Words.Count(result.Unchanged)} unchanged, {Words.Count(result.Deleted)} deleted");
        }

        var retries = result.Retries > 0 ? $" ({Words.Count(result.Retries)} retries)" : "";
        row("traffic", $"{Words.Counted(result.Pages, "page")}, {Words.Counted(result.Requests, "request")}{retries}, {Words.Bytes(result.Bytes)} of JSON");
        row("memory", $"{Words.Bytes(result.PeakMemoryBytes)} at most");
        if (result.Direction != SyncDirection.Push)
        {
            row("grade", Grade(result.Grade));
            if (result.AsOf is { } time)
            {
                row("as of", StatusText.Time(time));
            }
        }

        if (result.Quarantined > 0)
        {
            row("quarantine", $"{Words.Changes(result.Quarantined)} that the server rejected");
        }

        if (result.Parked > 0)
        {
            row("parked", $"{Words.Counted(result.Parked, "row")} of the server that the file refuses");
        }

        if (result.Pending > 0)
        {
            row("to send", $"{Words.Changes(result.Pending)} made meanwhile or put off");
        }
    }

    private static string Grade(CompletenessGrade grade) => grade == CompletenessGrade.Exact
        ? "Exact: every committed change of the server is here"
        : "Overlap: all but what was open longer than the overlap lag";

    private static string Headline(ResultEvent result) => result is { IsDryRun: true, Outcome: SyncOutcome.Completed }
        ? "Dry run: nothing was changed"
        : result.Outcome is SyncOutcome.Completed or SyncOutcome.CompletedWithQuarantine
        ? $"Completed in {Words.Seconds(result.Seconds)}, {Words.Count(result.RowsPerSecond)} rows/s"
        : result.ResyncReason == ResyncReason.None ? Stop(result.Outcome) : $"{result.Outcome}: {result.ResyncReason}";

    private static string Stop(SyncOutcome outcome) => outcome switch
    {
        SyncOutcome.UserChanged => "UserChanged: the file belongs to another user",
        SyncOutcome.QuarantineFull => "QuarantineFull: the server rejected too many changes",
        SyncOutcome.UnrecordedEditsHeld => "UnrecordedEditsHeld: more rows differ here than a person edits",
        SyncOutcome.MassDeleteRefused => "MassDeleteRefused: too many rows are gone from the server",
        SyncOutcome.TimeBudgetReached => "TimeBudgetReached: the time for this run is over",
        _ => outcome.ToString(),
    };

    private static string[] Advice(ResultEvent result) => result.Outcome switch
    {
        SyncOutcome.CompletedWithQuarantine => ["agent-sync quarantine lists them with their reasons"],
        SyncOutcome.QuarantineFull => ["look at the reasons with agent-sync quarantine, mend their cause,", "then agent-sync quarantine --retry"],
        SyncOutcome.ResyncRequired => ["run again with --full-resync: it reads everything again;", "the rows stay readable meanwhile"],
        SyncOutcome.UserChanged when result.Pending > 0 =>
            [$"that user has {Words.Changes(result.Pending)} in it that are not on the server:", "sign in as that user and sync, or use another --database for this one"],
        SyncOutcome.UserChanged when result.Quarantined > 0 =>
            [$"that user has {Words.Changes(result.Quarantined)} in quarantine: sign in as that user and", "decide about them, or use another --database for this one"],
        SyncOutcome.UserChanged => ["use another --database for this user, or replace the other user's", "rows with --full-resync"],
        SyncOutcome.MassDeleteRefused => ["check that the user may still see the rows; if they are really", "gone, run again with --full-resync --allow-mass-delete"],
        SyncOutcome.UnrecordedEditsHeld =>
            ["none was sent: look at them with agent-sync quarantine, then send", "them with --retry, or take the server's rows with --discard"],
        SyncOutcome.TimeBudgetReached => ["run again: it continues where it stopped"],
        _ => [],
    };
}
