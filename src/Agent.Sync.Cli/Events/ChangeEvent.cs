using System.Text.Json;

namespace Agent.Sync.Cli.Events;

/// <summary>A local edit that is not on the server yet. The rows are there when they were asked for, and when there are any.</summary>
internal sealed record ChangeEvent(string Id, string Dataset, ChangeKind Kind, ChangeState State, JsonElement Key, JsonElement? Local, JsonElement? Server) : ConsoleEvent("change")
{
    public static ChangeEvent From(LocalChange change, ReadOnlyMemory<byte> local, ReadOnlyMemory<byte> server) => new(
        QuarantinedChange.Name(change),
        change.Dataset,
        change.Kind,
        change.State,
        JsonElement.Parse(change.Key),
        Row(local),
        Row(server));

    private static JsonElement? Row(ReadOnlyMemory<byte> row) => row.IsEmpty ? null : JsonElement.Parse(row.Span);
}

/// <summary>How many changes were listed.</summary>
internal sealed record ChangesEvent(string Database, int Count) : ConsoleEvent("changes");
