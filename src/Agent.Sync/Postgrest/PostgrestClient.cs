using System.Collections.Concurrent;
using Agent.Sync.Auth;
using Agent.Sync.Configuration;
using Agent.Sync.Resilience;
using Agent.Sync.Seams;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.Postgrest;

/// <summary>One engine's connection to its project: one breaker, one refresh at a time. Safe for concurrent use.</summary>
internal sealed class PostgrestClient
{
    private readonly string _projectUrl;
    private readonly string _limitPrefix;
    private readonly HttpMessageInvoker _http;
    private readonly ConcurrentDictionary<Dataset, DatasetRoute> _routes = new();
    private readonly Func<Dataset, DatasetRoute> _makeRoute;
    private readonly int _datasets;

    /// <param name="options">Checked already; read once.</param>
    /// <param name="http">Sends the requests; not disposed here. Its handler must not follow redirects.</param>
    /// <param name="limiter">The users' rate limits, shared by the engines of a process.</param>
    /// <param name="seams">The clock and the jitter.</param>
    /// <param name="log">Gets codes, statuses, counts and delays.</param>
    /// <exception cref="ArgumentException">The URL or the key breaks its rule.</exception>
    /// <exception cref="SyncAuthException">The key is a secret one and <see cref="SyncOptions.AllowRlsBypass"/> is not set.</exception>
    public PostgrestClient(SyncOptions options, HttpMessageInvoker http, UserRateLimiter limiter, EngineSeams seams, ILogger log)
    {
        _projectUrl = ProjectUrl.Require(options.Url, options.AllowInsecureLoopback);
        _limitPrefix = options.Url!.Authority + "\n";
        _http = http;
        _makeRoute = dataset => new DatasetRoute(_projectUrl, dataset);
        _datasets = options.Datasets.Count;
        Time = seams.Time;
        Log = log;
        Limiter = limiter;
        Tokens = new SessionTokens(options, seams.Time, log);
        Requests = new RequestFactory(ApiKeyRule.Require(options.ApiKey));
        Pipeline = new RequestPipeline(options.Retry, options.Breaker, seams.Time, seams.Jitter, seams.WaitAsync, log);
        MaxPageBytes = options.MaxPageBytes;
        MaxJsonDepth = options.MaxJsonDepth;
        MaxRetryAfter = options.Retry.MaxRetryAfter;
    }

    private PostgrestClient(PostgrestClient other, RequestPipeline pipeline)
    {
        _projectUrl = other._projectUrl;
        _limitPrefix = other._limitPrefix;
        _http = other._http;
        _makeRoute = other._makeRoute;
        _datasets = other._datasets;
        Time = other.Time;
        Log = other.Log;
        Limiter = other.Limiter;
        Tokens = other.Tokens;
        Requests = other.Requests;
        Pipeline = pipeline;
        MaxPageBytes = other.MaxPageBytes;
        MaxJsonDepth = other.MaxJsonDepth;
        MaxRetryAfter = other.MaxRetryAfter;
    }

    internal TimeProvider Time { get; }

    internal ILogger Log { get; }

    internal UserRateLimiter Limiter { get; }

    internal SessionTokens Tokens { get; }

    internal RequestFactory Requests { get; }

    internal RequestPipeline Pipeline { get; }

    internal int MaxPageBytes { get; }

    internal int MaxJsonDepth { get; }

    internal TimeSpan MaxRetryAfter { get; }

    /// <summary>Returns a client of the same project and session that takes the first answer for what it is: nothing but a refused token is tried again, and its failures do not open the breaker of syncs.</summary>
    public PostgrestClient WithoutRetries(SyncOptions options, EngineSeams seams)
    {
        var retry = new RetryOptions();
        options.Retry.CopyTo(retry);
        retry.MaxRetries = 0;
        return new PostgrestClient(this, new RequestPipeline(retry, options.Breaker, seams.Time, seams.Jitter, seams.WaitAsync, Log));
    }

    /// <summary>Starts a run: learns whose it is. Sends nothing.</summary>
    /// <exception cref="SyncAuthException">There is no session, or not one that may be used.</exception>
    /// <exception cref="SyncTransportException">The token delegate took longer than a request may.</exception>
    public async ValueTask<PostgrestSession> OpenSessionAsync(RequestTally tally, CancellationToken cancellationToken)
    {
        var token = await Tokens.GetInTimeAsync(cancellationToken).ConfigureAwait(false);
        TransportLog.SessionOpened(Log, _datasets);
        return new PostgrestSession(this, token, tally, _limitPrefix + token.Subject);
    }

    internal DatasetRoute RouteOf(Dataset dataset) => _routes.GetOrAdd(dataset, _makeRoute);

    // The escapes are exactly those the server has to see.
    internal Uri UrlOf(string pathAndQuery) =>
        new($"{_projectUrl}/rest/v1/{pathAndQuery}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    // HttpClient reads the whole body unless told otherwise; the invoker never does.
    internal Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _http is HttpClient client
            ? client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
            : _http.SendAsync(request, cancellationToken);
}
