using Agent.Sync.Cli.Events;

namespace Agent.Sync.Cli.Output;

/// <summary>What a verify found.</summary>
internal static class VerifyText
{
    public static void Write(VerifyEvent verify, Action<string, string> row, Action<string, string> headline)
    {
        headline(Headline(verify), verify.ExitCode == ExitCode.Completed ? "green" : "yellow");
        row("compared", $"{Words.Counted(verify.Compared, "row")} of the server in {Words.Seconds(verify.Seconds)}, {Words.Counted(verify.Requests, "request")}");
        Count("missing", verify.Missing, "of the server that the file lacks");
        Count("stale", verify.Stale, "in another version than the server's");
        Count("extra", verify.Extra, "that the server does not show");
        Count("newer", verify.Newer, "that the server changed since the last sync");
        Count("left out", verify.LeftOut, "with a local edit of which the server's row is not known");
        Count("no place", verify.WithoutPosition, "of the server without a value to find changes by");
        if (verify.IsRepair)
        {
            row("repaired", $"{Words.Count(verify.Restored)} brought or replaced, {Words.Count(verify.Removed)} removed");
        }

        if (verify.ColumnsLeftOut.Count > 0)
        {
            row("columns", $"not compared: {string.Join(", ", verify.ColumnsLeftOut)}");
        }

        row("file", verify.Database);
        if (Advice(verify) is { } advice)
        {
            row("to do", advice);
        }

        void Count(string label, long rows, string what)
        {
            if (rows > 0)
            {
                row(label, $"{Words.Counted(rows, "row")} {what}");
            }
        }
    }

    private static string Headline(VerifyEvent verify) => verify switch
    {
        { IsClean: true } => $"{verify.Dataset}: the same on both sides",
        { Outcome: VerifyOutcome.Completed, IsRepair: true } => $"{verify.Dataset}: repaired",
        { Outcome: VerifyOutcome.Completed } => $"{verify.Dataset}: differs",
        { ResyncReason: not ResyncReason.None } => $"{verify.Dataset}: {verify.Outcome}: {verify.ResyncReason}",
        _ => $"{verify.Dataset}: {verify.Outcome}",
    };

    private static string? Advice(VerifyEvent verify) => verify switch
    {
        { IsClean: true } => null,
        { Outcome: VerifyOutcome.NotSynced } => "run agent-sync sync first",
        { Outcome: VerifyOutcome.ResyncRequired } => "run agent-sync sync --full-resync",
        { Outcome: VerifyOutcome.UserChanged } => "use another --database for this user",
        { Outcome: VerifyOutcome.MassDeleteRefused } => "check that the user may still see the rows; if they are really gone, run again with --allow-mass-delete",
        { Outcome: VerifyOutcome.BudgetReached } => "run again: it continues where it stopped",
        { WithoutPosition: > 0 } => "make the column by which changes are found NOT NULL on the server",
        { IsRepair: false } => "run again with --repair",
        _ => null,
    };
}
