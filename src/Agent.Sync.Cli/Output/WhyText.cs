using System.Text.Json;
using Agent.Sync.Cli.Events;

namespace Agent.Sync.Cli.Output;

/// <summary>Where one row stands.</summary>
internal static class WhyText
{
    public static void Write(WhyEvent why, Action<string, string> row, Action<string, string> headline)
    {
        row("row", $"{why.Dataset}, {QuarantineText.Key(why.Key)}");
        row("here", Side(why.IsLocal, why.LocalVersion, why.VersionColumn));
        row("server", $"{Side(why.IsOnServer, why.ServerVersion, why.VersionColumn)}{(why.IsSoftDeleted ? ", marked as deleted" : "")}{(why.HasTombstone == true ? "; it left a tombstone" : "")}");
        foreach (var change in why.Changes)
        {
            row("change", $"{change.Id}: {change.Kind.ToString().ToLowerInvariant()}, {change.State.ToString().ToLowerInvariant()}");
        }

        if (why.BaseVersion is { } from)
        {
            row("from", $"{why.VersionColumn} {from}");
        }

        if (why.Parked is { } parked)
        {
            row("parked", parked.Code);
        }

        if (why.DifferingColumns.Count > 0)
        {
            row("differing", string.Join(", ", why.DifferingColumns));
        }

        Values("in the file", why.Local);
        Values("on server", why.Server);
        headline(Headline(why.State), why.State is RowState.InStep ? "green" : "yellow");
        foreach (var line in Words.Lines(why.Conclusion))
        {
            row("", line);
        }

        void Values(string label, JsonElement? values)
        {
            if (values is { } shown)
            {
                row(label, shown.GetRawText());
            }
        }
    }

    private static string Headline(RowState state) => state switch
    {
        RowState.InStep => "In step",
        RowState.Waiting => "Changed here, waits to be sent",
        RowState.InFlight => "Sent, not answered",
        RowState.Quarantined => "Rejected by the server",
        RowState.Parked => "Refused by the file",
        RowState.ServerIsNewer => "Newer on the server",
        RowState.Missed => "Missed",
        RowState.OutsideFilter => "Outside the filter",
        RowState.RemovedOnServer => "Deleted on the server",
        RowState.NotOnServer => "Not on the server, or not visible to you",
        RowState.Differs => "Different without a reason",
        RowState.LocalIsNewer => "Newer here than on the server",
        RowState.Absent => "Nowhere",
        _ => "Not known",
    };

    private static string Side(bool? isThere, string? version, string column) => isThere switch
    {
        null => "not known",
        false => "no",
        true => version is null ? $"yes, without {column}" : $"yes, {column} {version}",
    };
}
