using System.Text.Json;

namespace Agent.Sync.Cli.Events;

/// <summary>Where every dataset stands.</summary>
internal sealed record StatusEvent(string Database, IReadOnlyList<DatasetStatus> Datasets) : ConsoleEvent("status");

/// <summary>A dataset's position was forgotten.</summary>
internal sealed record ResetEvent(string Dataset) : ConsoleEvent("reset");

/// <summary>What the server rejected and nobody has decided about yet, and the server's rows that the file refuses.</summary>
internal sealed record QuarantineEvent(string Database, IReadOnlyList<QuarantinedChange> Changes, IReadOnlyList<ParkedEntry> Parked) : ConsoleEvent("quarantine");

/// <summary>A local change that the server rejected. Its id is what --retry and --discard take.</summary>
internal sealed record QuarantinedChange(
    string Id,
    string Dataset,
    ChangeKind Kind,
    string? Code,
    string? Constraint,
    string Reason,
    JsonElement Key,
    DateTimeOffset? RejectedAt)
{
    public static QuarantinedChange From(LocalChange change)
    {
        using var key = JsonDocument.Parse(change.Key);
        return new QuarantinedChange(
            Name(change),
            change.Dataset,
            change.Kind,
            change.Code,
            change.Constraint,
            change.Describe(),
            key.RootElement.Clone(),
            change.RejectedAt);
    }

    /// <summary>Numbers count within a dataset, so the name has both.</summary>
    public static string Name(LocalChange change) => $"{change.Dataset}/{change.Id}";
}

/// <summary>A row of the server that the local table refuses.</summary>
internal sealed record ParkedEntry(string Id, string Dataset, bool IsDelete, string Code, string? Constraint, string Reason, JsonElement Key)
{
    public static ParkedEntry From(ParkedRow row)
    {
        using var key = JsonDocument.Parse(row.Key);
        return new ParkedEntry(
            $"{row.Dataset}/{row.Id}",
            row.Dataset,
            row.IsDelete,
            row.Code,
            row.Constraint,
            row.Describe(),
            key.RootElement.Clone());
    }
}

/// <summary>Rejected changes wait to be sent again.</summary>
internal sealed record RetriedEvent(string Dataset, int Changes) : ConsoleEvent("retried");

/// <summary>Rejected changes were given up; their rows are the server's again.</summary>
internal sealed record DiscardedEvent(string Dataset, int Changes) : ConsoleEvent("discarded");
