using System.Text.Json;
using QuickStart.Events;

namespace QuickStart.Output;

/// <summary>What was rejected, why, and what can be done about it.</summary>
internal static class QuarantineText
{
    public static void Write(QuarantineEvent quarantine, Action<string, string> row, Action<string, string> headline)
    {
        if (quarantine.Changes.Count == 0)
        {
            headline("Nothing is in quarantine.", "green");
            row("file", quarantine.Database);
            return;
        }

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

    private static string Key(JsonElement key)
    {
        var columns = key.EnumerateObject().Select(static column => $"{column.Name} {column.Value}");
        return string.Join(", ", columns);
    }
}
