using System.Globalization;
using System.Text.Json;
using Agent.Sync.Testing;

namespace Agent.Sync.SimulationTests;

/// <summary>What one device sends (I8): an operation's content never changes, and a key's edits arrive in the order in which they were made.</summary>
internal sealed class SentChanges(int device)
{
    /// <summary>The header that tells a request's device.</summary>
    public const string Device = "x-device";

    /// <summary>The header that tells its process.</summary>
    public const string Process = "x-process";

    private readonly Dictionary<string, string> _operations = new(StringComparer.Ordinal);
    private readonly Queue<int> _restarts = new();
    private readonly Dictionary<string, int> _newest = new(StringComparer.Ordinal);

    /// <summary>Returns a value that tells who made it, and after which others.</summary>
    public static string ValueOf(int device, int number, bool isPoison) => $"{(isPoison ? TwoWayServer.Poison : "value")}-{device}-{number}";

    /// <summary>An older copy of the device's files is in place: from here on, older edits are sent once more.</summary>
    public void Restart(int requestsSoFar) => _restarts.Enqueue(requestsSoFar);

    public void Look(IEnumerable<RecordedRequest> requests)
    {
        var newest = 0;
        foreach (var (index, request) in requests.Index().Where(item => item.Item.Header(Device) == $"{device}" && item.Item.Body.Length > 0))
        {
            while (_restarts.TryPeek(out var restart) && restart <= index)
            {
                _restarts.Dequeue();
                _newest.Clear();
            }

            // A process that slept on the very edge of a request sends it when it wakes; nothing on its side could prevent that.
            var process = int.Parse(request.Header(Process)!, CultureInfo.InvariantCulture);
            newest = Math.Max(newest, process);
            if (process < newest)
            {
                continue;
            }

            using var body = JsonDocument.Parse(request.Body);
            if (request.Path.EndsWith("/rpc/push", StringComparison.Ordinal))
            {
                foreach (var change in body.RootElement.GetProperty("batch").GetProperty("groups").EnumerateArray().SelectMany(static group => group.GetProperty("changes").EnumerateArray()))
                {
                    LookAtOperation(change);
                }
            }
            else if (request.Method == "POST" && body.RootElement.ValueKind == JsonValueKind.Array)
            {
                foreach (var row in body.RootElement.EnumerateArray())
                {
                    LookAtValues(row.GetProperty("id").GetString()!, row);
                }
            }
            else if (request.Method == "PATCH")
            {
                LookAtValues(KeyOf(request.DecodedQuery), body.RootElement);
            }
        }
    }

    private static string KeyOf(string query) => query[(query.IndexOf("&id=eq.", StringComparison.Ordinal) + "&id=eq.".Length)..][..36];

    private void LookAtOperation(JsonElement change)
    {
        var operation = change.GetProperty("op").GetString()!;

        // The base may be told by another column once the kit's is known; what is written may not change.
        var content = $"{change.GetProperty("key")} {(change.TryGetProperty("row", out var values) ? values.GetRawText() : "deleted")}";
        Assert.True(_operations.TryAdd(operation, content) || _operations[operation] == content, "An operation was sent again with other content.");
        if (change.TryGetProperty("row", out var row))
        {
            LookAtValues(change.GetProperty("key").GetProperty("id").GetString()!, row);
        }
    }

    private void LookAtValues(string key, JsonElement row)
    {
        foreach (var item in row.EnumerateObject().Where(static item => item.Value.ValueKind == JsonValueKind.String))
        {
            if (item.Value.GetString()!.Split('-') is [_, var owner, var number] && owner == $"{device}" && int.TryParse(number, out var order))
            {
                var place = $"{key} {item.Name}";
                Assert.True(order >= _newest.GetValueOrDefault(place), $"Of {place}, an older edit ({order}) was sent after a newer one ({_newest.GetValueOrDefault(place)}).");
                _newest[place] = order;
            }
        }
    }
}
