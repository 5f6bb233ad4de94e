using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Agent.Sync.Testing.Postgrest;
using Agent.Sync.Testing.Postgrest.Rows;
using Agent.Sync.Testing.Postgrest.Wire;

namespace Agent.Sync.Testing;

/// <summary>Stands in for a Supabase project: tables that really evaluate the queries, and answers by script where a test wants them.</summary>
/// <remarks>
/// <para>
/// A request is answered by the first of these that has an answer: the <see cref="Enqueue(ScriptedResponse[])">script</see>,
/// the <see cref="Responder"/>, the model. What the model does not know (an operator, a
/// parameter, a column) it refuses as PostgREST does, so that a wrong query is noticed. The model reads and writes, one
/// request in one transaction, under row-level security by owner and under each table's constraints.
/// </para>
/// <para>
/// Everything completes on the caller's thread or from a timer of the given clock, so a single-threaded run on a
/// <see cref="VirtualTimeProvider"/> repeats exactly. Safe for concurrent use. See <see cref="CannedPages"/> for benchmarks.
/// </para>
/// </remarks>
public sealed partial class PostgrestDouble : HttpMessageHandler
{
    private const string RestRoot = "/rest/v1/";

    private readonly TimeProvider _time;
    private readonly DateTimeOffset _start;
    private readonly long _startTimestamp;
    private readonly Dictionary<(string Schema, string Name), PostgrestTable> _tables = [];
    private readonly Queue<ScriptedResponse> _script = new();
    private readonly List<RecordedRequest> _requests = [];
    private readonly ModelAuth _auth;
    private ReadOnlyMemory<byte> _lastPage = "[]"u8.ToArray();
    private ReadOnlyMemory<byte> _pageBefore = "[]"u8.ToArray();
    private long _tokens;

    /// <summary>Initializes a new instance.</summary>
    /// <param name="time">The clock that delays and the server's time run on.</param>
    public PostgrestDouble(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        _time = time;
        _start = time.GetUtcNow();
        _startTimestamp = time.GetTimestamp();
        _auth = new ModelAuth(this);
    }

    /// <summary>Gets the project's URL, which leads nowhere: only a client on this handler can use it.</summary>
    public static Uri Url { get; } = new("https://project.double.invalid");

    /// <summary>Gets the publishable key that the double accepts.</summary>
    public static string ApiKey => "sb_publishable_double";

    /// <summary>Gets or sets the most rows that the answer to a read holds, as PostgREST's <c>max-rows</c>; what a write answers is never cut. Null, the default, sets no cap.</summary>
    public int? MaxRows { get; set; }

    /// <summary>Gets or sets the longest body that a request may have, in bytes; a longer one is answered with 413. Null, the default, sets no bound.</summary>
    public int? MaxBodyBytes { get; set; }

    /// <summary>
    /// Gets or sets the longest headers that the proxy in front takes from an answer, in bytes; longer ones are answered with 502. A read's answer repeats its
    /// query in <c>Content-Location</c>. Null, the default, sets no bound; nginx's own is 4 KiB.
    /// </summary>
    public int? MaxHeaderBytes { get; set; }

    /// <summary>Gets or sets a value indicating whether the server is in recovery, as a read replica always is: reads are answered, every write and function call with 400 and <c>0A000</c>. The default is false.</summary>
    public bool IsInRecovery { get; set; }

    /// <summary>Gets the database roles that exist; a token of any other is answered with 401 and <c>22023</c>. Supabase's three by default. Change it before the first request.</summary>
    public ISet<string> Roles { get; } = new HashSet<string>(StringComparer.Ordinal) { "anon", "authenticated", "service_role" };

    /// <summary>Gets or sets the time that every answer takes. The default is zero: answers complete at once.</summary>
    public TimeSpan Latency { get; set; }

    /// <summary>Gets or sets how far the server's clock is ahead of the given one at the start. The default is zero.</summary>
    public TimeSpan ClockOffset { get; set; }

    /// <summary>Gets or sets a value indicating whether answers carry a <c>Date</c> header. The default is true.</summary>
    public bool SendsDate { get; set; } = true;

    /// <summary>Gets or sets how far the <c>Date</c> header is behind the server's clock, as PostgREST's is, which it keeps for a second: up to 0.8 s, beside the rounding. Zero or more; the default is zero.</summary>
    public TimeSpan DateLag { get; set; }

    /// <summary>Gets or sets what the planner estimates where the real count is given. The default is the real count.</summary>
    public Func<long, long> EstimateCount { get; set; } = static count => count;

    /// <summary>Gets or sets how long a token of the auth endpoint lives. The default is one hour.</summary>
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Gets or sets for how long an expired token is still accepted. The default is 30 s, as PostgREST's.</summary>
    public TimeSpan TokenSkew { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets what answers requests that the script leaves over; it returns null for the model's answer. Null by default.</summary>
    public Func<RecordedRequest, ScriptedResponse?>? Responder { get; set; }

    /// <summary>Gets the server's time: the given clock's, without the jumps of its wall clock, plus <see cref="ClockOffset"/>.</summary>
    public DateTimeOffset ServerTime => _start + _time.GetElapsedTime(_startTimestamp) + ClockOffset;

    /// <summary>Gets the number of requests so far.</summary>
    public int RequestCount
    {
        get
        {
            lock (Gate)
            {
                return _requests.Count;
            }
        }
    }

    /// <summary>Gets the requests so far, in order.</summary>
    public IReadOnlyList<RecordedRequest> Requests
    {
        get
        {
            lock (Gate)
            {
                return [.. _requests];
            }
        }
    }

    /// <summary>Gets the scripted answers that no request has used up.</summary>
    public int ScriptLeft
    {
        get
        {
            lock (Gate)
            {
                return _script.Count;
            }
        }
    }

    internal Lock Gate { get; } = new();

    internal long NowMicroseconds => PostgresTimestamp.From(ServerTime);

    /// <summary>Adds an empty table with a dataset's columns.</summary>
    /// <param name="dataset">The dataset; its name on the server, schema, columns and key are used.</param>
    /// <returns>The table.</returns>
    public PostgrestTable AddTable(Dataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var table = new PostgrestTable(this, dataset);
        lock (Gate)
        {
            _tables.Add((table.Schema, table.Name), table);
        }

        return table;
    }

    /// <summary>Removes a table, so that it is answered with PGRST205.</summary>
    /// <param name="table">The table.</param>
    public void DropTable(PostgrestTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        lock (Gate)
        {
            _tables.Remove((table.Schema, table.Name));
        }
    }

    /// <summary>Adds a user who can sign in at <c>/auth/v1/token</c>.</summary>
    /// <param name="email">The address.</param>
    /// <param name="password">The password.</param>
    /// <param name="sub">The user's id, which tokens carry as <c>sub</c>.</param>
    public void AddUser(string email, string password, string sub)
    {
        lock (Gate)
        {
            _auth.Add(email, password, sub);
        }
    }

    /// <summary>Begins a transaction, whose rows carry the present time and become visible at its commit.</summary>
    /// <returns>The transaction.</returns>
    public PostgrestTransaction BeginTransaction() => new(this);

    /// <summary>Makes a user's JWT, different every time.</summary>
    /// <param name="sub">The user's id.</param>
    /// <param name="role">The database role. The default is <c>authenticated</c>.</param>
    /// <param name="expires">When it lapses by the server's clock; null, the default, means after <see cref="TokenLifetime"/>.</param>
    /// <returns>A well-formed JWT that this double accepts and nobody else does.</returns>
    public string CreateToken(string sub, string role = "authenticated", DateTimeOffset? expires = null)
    {
        ArgumentNullException.ThrowIfNull(sub);
        var now = ServerTime;
        return DoubleToken.Write(sub, role, now, expires ?? now + TokenLifetime, Interlocked.Increment(ref _tokens));
    }

    /// <summary>Adds answers to the script: each is used for one request, in order.</summary>
    /// <param name="responses">The answers.</param>
    public void Enqueue(params ScriptedResponse[] responses)
    {
        ArgumentNullException.ThrowIfNull(responses);
        lock (Gate)
        {
            foreach (var response in responses)
            {
                _script.Enqueue(response);
            }
        }
    }

    /// <summary>Makes a client on this double, without a timeout of its own (a client's timeout runs on the real clock).</summary>
    /// <returns>The client; disposing it leaves the double usable.</returns>
    public HttpClient CreateClient() => new(this, disposeHandler: false) { BaseAddress = Url, Timeout = Timeout.InfiniteTimeSpan };

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        var body = request.Content is null ? string.Empty : await request.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        var (recorded, script) = Receive(request, body);
        var latency = Latency + script.Latency;
        if (script.Fault == ResponseFault.Hang)
        {
            await InlineDelay.WaitAsync(Timeout.InfiniteTimeSpan, _time, cancellationToken).ConfigureAwait(false);
        }
        else if (latency > TimeSpan.Zero)
        {
            await InlineDelay.WaitAsync(latency, _time, cancellationToken).ConfigureAwait(false);
        }

        if (script.Fault == ResponseFault.ConnectionRefused)
        {
            throw new HttpRequestException(
                HttpRequestError.ConnectionError, "The connection was refused.", new SocketException((int)SocketError.ConnectionRefused));
        }

        var answer = Answer(recorded, script);
        if (answer.IsNeverSent)
        {
            await InlineDelay.WaitAsync(Timeout.InfiniteTimeSpan, _time, cancellationToken).ConfigureAwait(false);
        }

        if (script.Fault == ResponseFault.ResetBeforeHeaders)
        {
            throw new HttpRequestException(
                HttpRequestError.ResponseEnded, "The connection was reset.", new IOException("The connection was reset.", new SocketException((int)SocketError.ConnectionReset)));
        }

        return ToMessage(request, answer, script);
    }

    private static RecordedRequest Record(HttpRequestMessage request, string body, DateTimeOffset now)
    {
        var all = request.Content is null ? request.Headers : request.Headers.Concat(request.Content.Headers);
        var headers = all.ToDictionary(static pair => pair.Key, static pair => string.Join(", ", pair.Value), StringComparer.OrdinalIgnoreCase);
        return new RecordedRequest(request.Method.Method, request.RequestUri!.AbsolutePath, request.RequestUri.Query, headers, now) { Body = body };
    }

    private (RecordedRequest Request, ScriptedResponse Script) Receive(HttpRequestMessage request, string body)
    {
        var recorded = Record(request, body, ServerTime);
        lock (Gate)
        {
            _requests.Add(recorded);
            if (_script.TryDequeue(out var scripted))
            {
                return (recorded, scripted);
            }
        }

        return (recorded, Responder?.Invoke(recorded) ?? ScriptedResponse.Model);
    }

    private ModelAnswer Answer(RecordedRequest request, ScriptedResponse script)
    {
        if (script.Status is { } status)
        {
            var scripted = script.Body ?? (script.Code is { } code ? JsonText.Error(code, script.Message) : ReadOnlyMemory<byte>.Empty);
            return new ModelAnswer((int)status, scripted) { ContentType = script.ContentType, Headers = script.Headers };
        }

        lock (Gate)
        {
            var answer = AskModel(request);
            if (answer.Status is not (200 or 206) || request.Method != "GET")
            {
                return answer;
            }

            answer = script.Fault switch
            {
                ResponseFault.RepeatPage => answer with { Body = _lastPage },
                ResponseFault.LoopBack => answer with { Body = _pageBefore },
                _ => answer,
            };
            (_pageBefore, _lastPage) = (_lastPage, answer.Body);
            return answer with { Headers = script.Headers.Count == 0 ? answer.Headers : Merge(answer.Headers, script.Headers) };
        }
    }

    private static Dictionary<string, string> Merge(IReadOnlyDictionary<string, string> first, IReadOnlyDictionary<string, string> second)
    {
        var merged = new Dictionary<string, string>(first);
        foreach (var (name, value) in second)
        {
            merged[name] = value;
        }

        return merged;
    }

    private HttpResponseMessage ToMessage(HttpRequestMessage request, ModelAnswer answer, ScriptedResponse script)
    {
        var message = new HttpResponseMessage((HttpStatusCode)answer.Status)
        {
            RequestMessage = request,
            Content = new DoubleContent(answer.Body, script, _time),
        };
        if (answer.ContentType is not null)
        {
            message.Content.Headers.TryAddWithoutValidation("Content-Type", answer.ContentType);
        }

        if (SendsDate && !answer.Headers.ContainsKey("Date"))
        {
            message.Headers.TryAddWithoutValidation("Date", (ServerTime - DateLag).ToString("R", CultureInfo.InvariantCulture));
        }

        foreach (var (name, value) in answer.Headers)
        {
            if (!message.Headers.TryAddWithoutValidation(name, value))
            {
                message.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return message;
    }
}
