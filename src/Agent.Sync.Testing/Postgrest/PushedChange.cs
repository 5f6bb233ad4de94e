using System.Text;
using System.Text.Json;
using Agent.Sync.Testing.Postgrest.Rows;

namespace Agent.Sync.Testing.Postgrest;

/// <summary>One change of a batch of the SQL kit's push function.</summary>
internal sealed record PushedChange(string Kind, Guid Operation, Dictionary<string, byte[]> Key, string? Base, Dictionary<string, byte[]> Row)
{
    public string KeyText => string.Join(',', Key.Values.Select(static value => Encoding.UTF8.GetString(value)));

    public static IEnumerable<PushedChange> ReadGroup(JsonElement group)
    {
        var kind = group.GetProperty("kind").GetString()!;
        var columns = group.GetProperty("columns").EnumerateArray().Select(static name => name.GetString()!).ToHashSet();
        foreach (var change in group.GetProperty("changes").EnumerateArray())
        {
            var row = change.TryGetProperty("row", out var values) ? Read(values) : [];
            if (!columns.SetEquals(row.Keys))
            {
                throw new PostgrestFailure(400, "42601", "agent_sync: a row of a group has other columns than the group");
            }

            yield return new PushedChange(
                kind,
                change.GetProperty("op").GetGuid(),
                Read(change.GetProperty("key")),
                change.GetProperty("base").GetString(),
                row);
        }
    }

    private static Dictionary<string, byte[]> Read(JsonElement values) =>
        values.EnumerateObject().ToDictionary(static item => item.Name, static item => Encoding.UTF8.GetBytes(item.Value.GetRawText()));
}
