using Agent.Sync;
using QuickStart.Events;

namespace QuickStart.Output;

/// <summary>The summary of a pull.</summary>
internal static class ResultText
{
    public static void Write(ResultEvent result, Action<string, string> row, Action<string, string> headline)
    {
        headline(Headline(result), result.Outcome == SyncOutcome.Completed ? "green" : "yellow");
        foreach (var dataset in result.ResumedAt)
        {
            row("resumed", $"{dataset.Dataset} at {Words.Position(dataset.Rows, dataset.Total)}");
        }

        if (result.Requests > 0)
        {
            Work(result, row);
        }

        row("file", result.Database);
        if (result.MoreAboveCeiling)
        {
            row("more", "rows arrived meanwhile: pull again soon");
        }

        if (Advice(result.Outcome) is { } advice)
        {
            row("to do", advice);
        }
    }

    private static void Work(ResultEvent result, Action<string, string> row)
    {
        row("rows", $"{Words.Count(result.Applied)} applied, {Words.Count(result.Unchanged)} unchanged, {Words.Count(result.Deleted)} deleted");
        var retries = result.Retries > 0 ? $" ({Words.Count(result.Retries)} retries)" : "";
        row("traffic", $"{Words.Count(result.Pages)} pages, {Words.Count(result.Requests)} requests{retries}, {Words.Bytes(result.Bytes)} of JSON");
        row("memory", $"{Words.Bytes(result.PeakMemoryBytes)} at most");
        row("grade", result.Grade.ToString());
    }

    private static string Headline(ResultEvent result) => result.Outcome == SyncOutcome.Completed
        ? $"Completed in {Words.Seconds(result.Seconds)}, {Words.Count(result.RowsPerSecond)} rows/s"
        : result.ResyncReason == ResyncReason.None ? result.Outcome.ToString() : $"{result.Outcome}: {result.ResyncReason}";

    private static string? Advice(SyncOutcome outcome) => outcome switch
    {
        SyncOutcome.ResyncRequired => "pull --full-resync reads everything again; the rows stay readable meanwhile",
        SyncOutcome.UserChanged => "use another --database for this user, or pull --full-resync to replace the other user's rows",
        SyncOutcome.MassDeleteRefused => "check that the user may still see the rows; if they are really gone, pull --full-resync --allow-mass-delete",
        SyncOutcome.LeaseLost => "another process took over this file; pull again when it is done",
        SyncOutcome.TimeBudgetReached => "pull again: it goes on where it stopped",
        _ => null,
    };
}
