using System.Globalization;
using Agent.Sync.Cli.Events;

namespace Agent.Sync.Cli.Output;

/// <summary>Where the datasets stand.</summary>
internal static class StatusText
{
    public static void Write(StatusEvent status, Action<string, string> row)
    {
        foreach (var dataset in status.Datasets)
        {
            row(dataset.Dataset, Describe(dataset));
            if (dataset.Pending > 0)
            {
                row("  to send", $"{Words.Changes(dataset.Pending)} made here");
            }

            if (dataset.Quarantined > 0)
            {
                row("  rejected", $"{Words.Changes(dataset.Quarantined)} in quarantine: agent-sync quarantine lists them");
            }

            if (dataset.Parked > 0)
            {
                row("  parked", $"{Words.Counted(dataset.Parked, "row")} the file refuses: agent-sync quarantine lists them");
            }
        }

        row("file", status.Database);
    }

    public static string Time(DateTimeOffset? time) =>
        time is { } known ? known.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) : "unknown";

    private static string Describe(DatasetStatus dataset) => dataset.Phase switch
    {
        SyncPhase.NotStarted => "nothing pulled yet",
        SyncPhase.Backfill => $"{(dataset.IsResync ? "resync" : "first sync")} under way: {Words.Count(dataset.RowsCompleted)} rows, saved {Time(dataset.SavedAt)}",
        _ => $"{dataset.Grade} as of {Time(dataset.AsOf)}, saved {Time(dataset.SavedAt)}",
    };
}
