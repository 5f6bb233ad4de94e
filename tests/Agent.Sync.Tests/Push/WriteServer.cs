using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Agent.Sync.Postgrest;

namespace Agent.Sync.Tests.Push;

/// <summary>A table that is written through PostgREST's own endpoints or the SQL kit's push function, with everything it was sent.</summary>
internal sealed class WriteServer : ICallTransport
{
    private readonly HashSet<string> _ledger = [];
    private long _version = 100;

    public SortedDictionary<long, JsonObject> Rows { get; } = [];

    /// <summary>Gets the keys whose rows the user may neither see nor write.</summary>
    public HashSet<long> Invisible { get; } = [];

    /// <summary>Gets the keys whose rows the user may see but not write.</summary>
    public HashSet<long> ReadOnly { get; } = [];

    public List<ApiCall> Calls { get; } = [];

    public List<string> Bodies { get; } = [];

    /// <summary>Gets or sets the SQLSTATE that a row is refused with; null for a row that is fine.</summary>
    public Func<JsonObject, string?> Refuse { get; set; } = static _ => null;

    /// <summary>Gets or sets what a call runs into before it does anything, by its number from 0.</summary>
    public Func<int, ApiCall, Exception?> Before { get; set; } = static (_, _) => null;

    /// <summary>Gets or sets what happens to an answer after everything was done.</summary>
    public Func<int, ApiCall, Exception?> After { get; set; } = static (_, _) => null;

    /// <summary>Gets or sets how an answer is awaited; a task that ends at once unless a test wants otherwise.</summary>
    public Func<int, ApiCall, CancellationToken, Task> Wait { get; set; } = static (_, _, _) => Task.CompletedTask;

    /// <summary>Gets or sets the privileges that the role lacks, by HTTP method.</summary>
    public HashSet<string> NotGranted { get; } = [];

    /// <summary>Gets or sets PostgREST's max-rows.</summary>
    public int Cap { get; set; } = int.MaxValue;

    public Func<JsonObject, JsonObject> Trigger { get; set; } = static row => row;

    public static SyncException Error(int status, string? code, ApiCall call) =>
        CallFailure.From(ErrorClassifier.Classify(status, code, call.IsWrite), status, code, call, "authenticated");

    public static SyncException Lost() => TransportFailure.Unreachable("items", "ResponseEnded");

    public void Put(long id, string name) => Rows[id] = Stamp(new JsonObject { ["id"] = id, ["name"] = name });

    public string? NameOf(long id) => Rows.GetValueOrDefault(id)?["name"]?.GetValue<string>();

    public string VersionOf(long id) => Rows[id]["version"]!.ToString();

    public async Task<CallAnswer> CallAsync(ApiCall call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var number = Calls.Count;
        Calls.Add(call);
        Bodies.Add(Encoding.UTF8.GetString(call.Body.Span));
        if (Before(number, call) is { } before)
        {
            throw before;
        }

        var answer = Handle(call);
        await Wait(number, call, cancellationToken);
        if (After(number, call) is { } after)
        {
            throw after;
        }

        var bytes = Encoding.UTF8.GetBytes(answer);
        var buffer = PageMemory.Bytes.Rent(Math.Max(1, bytes.Length));
        bytes.CopyTo(buffer, 0);
        return new CallAnswer(buffer, bytes.Length, serverTime: null);
    }

    private string Handle(ApiCall call)
    {
        if (NotGranted.Contains(call.Method.Method))
        {
            throw Error(403, "42501", call);
        }

        if (call.Function is not null)
        {
            return WriteServerKit.Push(this, call, _ledger);
        }

        var query = call.PathAndQuery.Split('?', 2)[^1].Split('&')
            .Select(static part => part.Split('=', 2))
            .ToLookup(static part => part[0], static part => Uri.UnescapeDataString(part[1]));
        return call.Method == HttpMethod.Post ? Render(Insert(call, call.Prefer!.Contains("merge", StringComparison.Ordinal)))
            : call.Method == HttpMethod.Get ? Render(LookUp(query))
            : Render(Write(call, query));
    }

    internal string Render(IEnumerable<JsonObject> rows) => $"[{string.Join(",", rows.Take(Cap).Select(static row => row.ToJsonString()))}]";

    internal JsonObject Stamp(JsonObject row)
    {
        var stamped = Trigger(row.DeepClone().AsObject());
        stamped["version"] = ++_version;
        stamped["updated_at"] = TimestampText.Format(DateTimeOffset.UnixEpoch.AddSeconds(_version));
        stamped.TryAdd("name", null);
        stamped.TryAdd("deleted_at", null);
        return stamped;
    }

    internal static JsonObject Merged(JsonObject row, JsonObject values)
    {
        var merged = row.DeepClone().AsObject();
        foreach (var (name, value) in values)
        {
            merged[name] = value?.DeepClone();
        }

        return merged;
    }

    private List<JsonObject> Insert(ApiCall call, bool merges)
    {
        var rows = JsonNode.Parse(call.Body.Span)!.AsArray().Select(static row => row!.AsObject()).ToList();
        if (rows.Select(static row => (long)row["id"]!).Distinct().Count() != rows.Count)
        {
            throw Error(500, "21000", call);
        }

        foreach (var row in rows)
        {
            if (Refuse(row) is { } code)
            {
                throw Error(StatusOf(code), code, call);
            }
        }

        var written = new List<JsonObject>();
        foreach (var row in rows)
        {
            var id = (long)row["id"]!;
            if (!Rows.TryGetValue(id, out var there))
            {
                written.Add(Rows[id] = Stamp(row));
            }
            else if (merges)
            {
                written.Add(Rows[id] = Stamp(Merged(there, row)));
            }
        }

        return written;
    }

    private List<JsonObject> Write(ApiCall call, ILookup<string, string> query)
    {
        var id = long.Parse(query["id"].Single()["eq.".Length..], CultureInfo.InvariantCulture);
        var values = call.Body.IsEmpty ? null : JsonNode.Parse(call.Body.Span)!.AsObject();
        if (query["and"].Any() || !Rows.TryGetValue(id, out var row) || Invisible.Contains(id) || ReadOnly.Contains(id)
            || (query["version"].SingleOrDefault() is { } version && version != $"eq.{row["version"]}"))
        {
            return [];
        }

        if (Refuse(values is null ? row : Merged(row, values)) is { } code)
        {
            throw Error(StatusOf(code), code, call);
        }

        if (values is null)
        {
            Rows.Remove(id);
            return [row];
        }

        return [Rows[id] = Stamp(Merged(row, values))];
    }

    private IEnumerable<JsonObject> LookUp(ILookup<string, string> query)
    {
        var list = query["and"].Single();
        var ids = list["(id.in.(".Length..^2].Split(',').Select(static id => long.Parse(id.Trim('"'), CultureInfo.InvariantCulture)).ToHashSet();
        return Rows.Where(row => ids.Contains(row.Key) && !Invisible.Contains(row.Key)).Select(static row => row.Value);
    }

    private static int StatusOf(string code) => code switch
    {
        "42501" => 403,
        "23503" or "23505" => 409,
        "413" => 413,
        _ => 400,
    };
}
