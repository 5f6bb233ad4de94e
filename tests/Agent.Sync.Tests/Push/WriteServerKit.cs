using System.Text.Json.Nodes;
using Agent.Sync.Postgrest;

namespace Agent.Sync.Tests.Push;

/// <summary>The SQL kit's push function, as its contract says.</summary>
internal static class WriteServerKit
{
    public static string Push(WriteServer server, ApiCall call, HashSet<string> ledger)
    {
        var batch = JsonNode.Parse(call.Body.Span)!["batch"]!.AsObject();
        var (outcomes, rows) = (new JsonArray(), new JsonArray());
        foreach (var group in batch["groups"]!.AsArray())
        {
            foreach (var change in group!["changes"]!.AsArray())
            {
                var outcome = Apply(server, (string)group["kind"]!, (string?)batch["deleted"], change!.AsObject(), ledger);
                outcome["op"] = (string)change["op"]!;
                outcome["row"] = null;
                var id = (long)change["key"]!["id"]!;
                if (server.Rows.TryGetValue(id, out var row) && !server.Invisible.Contains(id))
                {
                    outcome["row"] = rows.Count;
                    rows.Add(row.DeepClone());
                }

                outcomes.Add(outcome);
            }
        }

        return new JsonObject { ["outcomes"] = outcomes, ["rows"] = rows }.ToJsonString();
    }

    private static JsonObject Apply(WriteServer server, string kind, string? deleted, JsonObject change, HashSet<string> ledger)
    {
        var id = (long)change["key"]!["id"]!;
        var values = change["row"]?.AsObject();
        var there = server.Rows.GetValueOrDefault(id);
        if (ledger.Contains((string)change["op"]!))
        {
            return Status("applied");
        }

        if (values is not null && server.Refuse(there is null ? values : WriteServer.Merged(there, values)) is { } code)
        {
            return Rejected(code);
        }

        if (there is not null && (server.Invisible.Contains(id) || server.ReadOnly.Contains(id)))
        {
            return Rejected("42501");
        }

        var isSame = there is not null && values is not null && values.All(value => JsonNode.DeepEquals(there[value.Key], value.Value));
        var isFresh = there is not null && (change["base"] is not { } version || (string)version! == there["version"]!.ToString());
        switch (kind)
        {
            case "insert" when there is null:
            case "update" when isFresh:
                server.Rows[id] = server.Stamp(there is null ? values! : WriteServer.Merged(there, values!));
                break;
            case "delete" when there is null || (isFresh && deleted is null):
                server.Rows.Remove(id);
                break;
            case "delete" when isFresh:
                server.Rows[id] = server.Stamp(WriteServer.Merged(there, new JsonObject { [deleted!] = "2026-01-01T00:00:00+00:00" }));
                break;
            default:
                return Status(isSame ? "applied" : "conflict");
        }

        ledger.Add((string)change["op"]!);
        return Status("applied");
    }

    private static JsonObject Status(string status) => new() { ["status"] = status };

    private static JsonObject Rejected(string code) => new() { ["status"] = "rejected", ["code"] = code, ["constraint"] = "items_check" };
}
