using System.Text.Json;
using Agent.Sync.Cli.Events;

namespace Agent.Sync.Cli.Output;

/// <summary>What was rejected, why, and what can be done about it.</summary>
internal static class QuarantineText
{
    public static void Write(QuarantineEvent quarantine, Action<string, string> row, Action<string, string> headline)
    {
        if (quarantine.Changes.Count == 0)
        {
            headline("Nothing is in quarantine.", "green");
        }
        else
        {
            WriteChanges(quarantine, row, headline);
        }

        if (quarantine.Parked.Count > 0)
        {
            WriteParked(quarantine, row, headline);
        }
        else if (quarantine.Changes.Count == 0)
        {
            row("file", quarantine.Database);
        }
    }

    private static void WriteChanges(QuarantineEvent quarantine, Action<string, string> row, Action<string, string> headline)
    {
        headline($"{Words.Changes(quarantine.Changes.Count)} in quarantine: kept here, not on the server", "yellow");
        foreach (var change in quarantine.Changes)
        {
            row("", "");
            row("change", change.Id);
            row(change.Kind.ToString().ToLowerInvariant(), Key(change.Key));
            row("reason", change.Code is null ? change.Reason : $"{change.Reason} ({change.Code})");
            row("rejected", change.RejectedAt is null ? "here, before it was sent" : StatusText.Time(change.RejectedAt));
        }

        row("", "");
        row("to do", "edit the row again, and the next sync sends the edit instead; or");
        row("", "quarantine --retry [changes]    sends them again with the next sync");
        row("", "quarantine --discard [changes]  gives them up for the server's rows");
    }

    private static void WriteParked(QuarantineEvent quarantine, Action<string, string> row, Action<string, string> headline)
    {
        row("", "");
        headline($"{Words.Counted(quarantine.Parked.Count, "row")} parked: on the server, refused by the file", "yellow");
        foreach (var parked in quarantine.Parked)
        {
            row("", "");
            row("row", parked.Id);
            row(parked.IsDelete ? "delete" : "write", Key(parked.Key));
            row("reason", $"{parked.Reason} ({parked.Code})");
        }

        row("", "");
        row("to do", "change the row, index or trigger of the file that is in the way;");
        row("", "every sync tries these again");
    }

    public static string Key(JsonElement key)
    {
        var columns = key.EnumerateObject().Select(static column => $"{column.Name} {column.Value}");
        return string.Join(", ", columns);
    }
}
