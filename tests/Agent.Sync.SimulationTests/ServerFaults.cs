using System.Globalization;
using System.Net;
using System.Text;
using Agent.Sync.Testing;

namespace Agent.Sync.SimulationTests;

/// <summary>What goes wrong with requests: by the seed, and each kind counted, to prove that it came up.</summary>
internal sealed class ServerFaults(Random random, double share, Action<string> trace)
{
    private static readonly string?[] RetryAfters = [null, "0", "2", "-5", "soon", "Wed, 21 Oct 2015 07:28:00 GMT", "99999999999999999999", " 3 ", "1.5"];

    private ScriptedResponse? _burst;
    private int _burstLeft;
    private int _planned;

    /// <summary>Gets or sets a value indicating whether nothing goes wrong any more.</summary>
    public bool AreOver { get; set; }

    public Dictionary<string, int> Counts { get; } = [];

    /// <summary>Gets or sets what answers a request in place of chance: its number since then goes in.</summary>
    public Func<int, ScriptedResponse?>? Plan
    {
        get;
        set => (field, _planned) = (value, 0);
    }

    /// <summary>Returns what goes wrong with a request; null for nothing.</summary>
    public ScriptedResponse? Next(RecordedRequest request, DateTimeOffset serverTime)
    {
        if (Plan is { } plan)
        {
            return plan(++_planned);
        }

        if (AreOver)
        {
            return null;
        }

        if (_burstLeft > 0)
        {
            _burstLeft--;
            return _burst;
        }

        if (random.NextDouble() >= share)
        {
            return null;
        }

        var isWrite = request.Method != "GET" && !request.Path.EndsWith("/horizon", StringComparison.Ordinal);
        var (name, response) = random.Next(isWrite ? 24 : 18) switch
        {
            0 => ("503", ScriptedResponse.Error(HttpStatusCode.ServiceUnavailable, "PGRST001", RetryAfter(serverTime))),
            1 => ("429", ScriptedResponse.Error(HttpStatusCode.TooManyRequests, null, RetryAfter(serverTime))),
            2 => ("57014", ScriptedResponse.Error(HttpStatusCode.InternalServerError, "57014")),
            3 => ("40001", ScriptedResponse.Error(HttpStatusCode.InternalServerError, "40001")),
            4 => ("refused", ScriptedResponse.Broken(ResponseFault.ConnectionRefused)),
            5 => ("reset", ScriptedResponse.Broken(ResponseFault.ResetMidBody)),
            6 => ("short body", ScriptedResponse.Broken(ResponseFault.ShortBody)),
            7 => ("cut body", ScriptedResponse.Broken(ResponseFault.TruncatedBody)),
            8 => ("gzip", ScriptedResponse.Broken(ResponseFault.BadGzip)),
            9 => ("hang", ScriptedResponse.Broken(ResponseFault.Hang)),
            10 => ("drip", new ScriptedResponse { Fault = ResponseFault.SlowDrip, DripBytes = 200, DripPause = TimeSpan.FromMilliseconds(30) }),
            11 => ("401", ScriptedResponse.Error(HttpStatusCode.Unauthorized, "PGRST303")),
            12 => ("401 storm", Burst(ScriptedResponse.Error(HttpStatusCode.Unauthorized, "PGRST301"))),
            13 => ("5xx burst", Burst(Html(HttpStatusCode.BadGateway))),
            14 => ("524", Html((HttpStatusCode)524)),
            15 => ("html", Html(HttpStatusCode.OK)),
            16 => ("schema cache", ScriptedResponse.Error(HttpStatusCode.NotFound, "PGRST205")),
            17 => ("redirect", new ScriptedResponse { Status = HttpStatusCode.Found, Body = Array.Empty<byte>(), Headers = new Dictionary<string, string> { ["Location"] = "https://elsewhere.invalid/" } }),
            18 => ("413", Html(HttpStatusCode.RequestEntityTooLarge)),
            _ => ("answer lost", ScriptedResponse.Broken(ResponseFault.ResetBeforeHeaders)),
        };
        trace($"fault {name}");
        Counts[name] = Counts.GetValueOrDefault(name) + 1;
        return response;
    }

    private static ScriptedResponse Html(HttpStatusCode status) => new() { Status = status, ContentType = "text/html", Body = Encoding.UTF8.GetBytes("<html>") };

    private ScriptedResponse Burst(ScriptedResponse response)
    {
        (_burst, _burstLeft) = (response, random.Next(1, 5));
        return response;
    }

    private string? RetryAfter(DateTimeOffset serverTime)
    {
        var choice = random.Next(RetryAfters.Length + 1);
        return choice < RetryAfters.Length ? RetryAfters[choice] : (serverTime + TimeSpan.FromSeconds(3)).ToString("R", CultureInfo.InvariantCulture);
    }
}
