using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agent.Sync.Postgrest;
using Agent.Sync.Resilience;
using Agent.Sync.Seams;
using Agent.Sync.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agent.Sync.Tests.Fakes;

/// <summary>
/// One table of a <see cref="PostgrestDouble"/>, whose rows have an integer id and a name, asked by the library's own client. A test steps in before a
/// request and after its answer; what the answer says is the double's. Failures that a test throws here are those that the client is left with after its retries.
/// </summary>
internal sealed class ItemServer : IPageTransport, ICallTransport
{
    private readonly TimeProvider _time;
    private readonly SyncOptions _options;
    private PostgrestSession? _session;

    public ItemServer(TimeProvider time, Dataset dataset)
    {
        _time = time;
        Double = new PostgrestDouble(time) { TokenLifetime = TimeSpan.FromDays(10_000), Responder = _ => Answer() };
        Table = Double.AddTable(dataset).AddCheck("items_check", row => Refuse?.Invoke(JsonNode.Parse(row)!.AsObject()));
        _options = new SyncOptions
        {
            Url = PostgrestDouble.Url,
            ApiKey = PostgrestDouble.ApiKey,
            AccessTokenProvider = (_, _) => ValueTask.FromResult<AccessToken?>(new AccessToken(Double.CreateToken(User))),
        };
        _options.Datasets.Add(dataset);

        // The clock stands still, so nothing that waits for it would end.
        _options.Retry.MaxRetries = 0;
        _options.RateLimit.Burst = int.MaxValue;
    }

    public PostgrestDouble Double { get; }

    public PostgrestTable Table { get; }

    public string User { get; set; } = "user";

    public RequestTally Tally { get; } = new();

    /// <summary>Gets or sets the server's time; the clock of the device stands elsewhere.</summary>
    public DateTimeOffset Now
    {
        get => Double.ServerTime;
        set => Double.ClockOffset += value - Double.ServerTime;
    }

    public List<PageQuery> Queries { get; } = [];

    public List<ApiCall> Calls { get; } = [];

    public List<string> Bodies { get; } = [];

    /// <summary>Gets or sets what happens right before a page is asked for, by its number from 0.</summary>
    public Action<int>? BeforePage { get; set; }

    /// <summary>Gets or sets what the request for a page runs into, by its number from 0; null for an answer.</summary>
    public Func<int, Exception?>? Fault { get; set; }

    /// <summary>Gets or sets what the Date header says, by the number of the page, where that is not the time.</summary>
    public Func<int, DateTimeOffset?> Date { get; set; } = static _ => null;

    /// <summary>Gets or sets what a call runs into before it does anything, by its number from 0.</summary>
    public Func<int, ApiCall, Exception?> Before { get; set; } = static (_, _) => null;

    /// <summary>Gets or sets what happens to an answer after everything was done.</summary>
    public Func<int, ApiCall, Exception?> After { get; set; } = static (_, _) => null;

    /// <summary>Gets or sets how the answer to a call is awaited; a task that ends at once unless a test wants otherwise.</summary>
    public Func<int, ApiCall, CancellationToken, Task> Wait { get; set; } = static (_, _, _) => Task.CompletedTask;

    /// <summary>Gets or sets what a check or a trigger says of a row: the SQLSTATE that refuses it, or null.</summary>
    public Func<JsonObject, string?>? Refuse { get; set; }

    /// <summary>Writes a row stamped with the server's time, or with an earlier one for a transaction that commits late.</summary>
    /// <remarks>A row's own stamps rise, as the cursor column of a dataset without a version column must.</remarks>
    public void Write(long id, string name, TimeSpan ago = default)
    {
        var stamp = Now - ago;
        if (Find(id) is not { } before)
        {
            Table.Insert(Json(id, name, TimestampText.Format(stamp)));
            return;
        }

        var next = DateTimeOffset.UnixEpoch.AddMicroseconds(Items.Microseconds((string)before["updated_at"]!) + 1);
        Table.Update(Json(id, name, TimestampText.Format(stamp > next ? stamp : next)), Text(id));
    }

    public void Delete(long id) => Table.Delete(Text(id));

    public ItemTransaction Begin() => new(this);

    public JsonObject? Find(long id) => Table.FindRow(Text(id)) is { } row ? JsonNode.Parse(row)!.AsObject() : null;

    public string? NameOf(long id) => (string?)Find(id)?["name"];

    public string VersionOf(long id) => Find(id)!["version"]!.ToString();

    /// <summary>Returns what the user may see in a dataset's columns, in the order of the text.</summary>
    public IReadOnlyList<string> RowsOf(Dataset dataset) =>
        [.. Table.VisibleRows(User, [.. dataset.Columns.Select(static column => column.Name)]).Order(StringComparer.Ordinal)];

    public async Task<PageAnswer> GetPageAsync(PageQuery query, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var number = Queries.Count;
        Queries.Add(query);
        BeforePage?.Invoke(number);
        if (Fault?.Invoke(number) is { } fault)
        {
            throw fault;
        }

        return await (await OpenAsync(cancellationToken)).GetPageAsync(query, cancellationToken);
    }

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

        var answer = await (await OpenAsync(cancellationToken)).CallAsync(call, cancellationToken);
        await Wait(number, call, cancellationToken);
        if (After(number, call) is { } after)
        {
            answer.Dispose();
            throw after;
        }

        return answer;
    }

    internal static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);

    private static string Json(long id, string name, string updatedAt) =>
        $$"""{"id":{{Text(id)}},"name":{{JsonSerializer.Serialize(name)}},"updated_at":"{{updatedAt}}"}""";

    private ScriptedResponse? Answer() => Date(Queries.Count - 1) is { } date
        ? ScriptedResponse.Model with { Headers = new Dictionary<string, string> { ["Date"] = date.ToString("R", CultureInfo.InvariantCulture) } }
        : null;

    private async ValueTask<PostgrestSession> OpenAsync(CancellationToken cancellationToken)
    {
        if (_session?.Subject != User)
        {
            var client = new PostgrestClient(
                _options, Double.CreateClient(), new UserRateLimiter(_options.RateLimit, _time), new EngineSeams { Time = _time }, NullLogger.Instance);
            _session = await client.OpenSessionAsync(Tally, cancellationToken);
        }

        return _session;
    }
}
