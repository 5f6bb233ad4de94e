using System.ComponentModel;
using Agent.Sync.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Agent.Sync;

/// <summary>The options of an engine. They are checked when the engine is built; changing them later has no effect.</summary>
/// <remarks>A value set in code wins over its AGENT_SYNC_* environment variable, which wins over a bound configuration section, which wins over the default.</remarks>
public sealed class SyncOptions
{
    private const int DefaultPageSize = 100;

    private int? _pageSize;

    /// <summary>Gets or sets the project's URL, such as <c>https://abc.supabase.co</c>. Required; HTTPS unless <see cref="AllowInsecureLoopback"/>.</summary>
    public Uri? Url { get; set; }

    /// <summary>Gets or sets the publishable (or legacy anon) key, sent as <c>apikey</c>. Required.</summary>
    public string? ApiKey { get; set; }

    /// <summary>Gets or sets the delegate that returns the user's JWT, called for each request. Required: without a session nothing is synced.</summary>
    /// <value>Its first argument is null, or after a 401 the token that the server refused: refresh it. It returns null when nobody is signed in.</value>
    public Func<AccessToken?, CancellationToken, ValueTask<AccessToken?>>? AccessTokenProvider { get; set; }

    /// <summary>Gets or sets the delegate that says who is signed in, without a request, so that a hosted sync can pause and wake. It goes with <see cref="AccessTokenProvider"/>; <see cref="SyncEngineBuilder.UseSession"/> sets both.</summary>
    /// <value>It returns the user's id, or null when nobody is signed in, and does not throw. Null, the default, where that cannot be told.</value>
    public Func<string?>? SignedInUser { get; set; }

    /// <summary>Gets the datasets, parents first. At least one, with distinct names and local tables.</summary>
    public IList<Dataset> Datasets { get; } = [];

    /// <summary>Gets or sets what a section has under the name Datasets when these options are bound to it by hand, so that it is refused and not ignored: <c>AddAgentSync</c> and <see cref="SyncEngineBuilder.UseConfiguration"/> read datasets.</summary>
    /// <value>The section; null, the default, when there is none. Not for code.</value>
    [ConfigurationKeyName(nameof(Datasets))]
    [EditorBrowsable(EditorBrowsableState.Never)]
    public IConfigurationSection? DatasetsSection { get; set; }

    /// <summary>Gets or sets how many rows one request asks for.</summary>
    /// <value>
    /// Rows, 1 to 1,000. Until it is set, a sync asks for 100 rows at first, and for more, up to 1,000, as long as pages come full, within a second and
    /// with at most 1 MiB; pages that the app reads itself have 100. A size that is set stays as it is. Also read from AGENT_SYNC_PAGE_SIZE.
    /// </value>
    [InRange(OptionLimits.MinPageSize, OptionLimits.MaxPageSize)]
    public int PageSize
    {
        get => _pageSize ?? DefaultPageSize;
        set => _pageSize = value;
    }

    /// <summary>Gets or sets how many requests of a first sync, or of a resync, are under way at most. There is one at first; others join it only while the store waits for rows and the server keeps up.</summary>
    /// <value>1 to 16. The default is 12. Also read from AGENT_SYNC_PULL_REQUESTS.</value>
    [InRange(OptionLimits.MinPullRequests, OptionLimits.MaxPullRequests)]
    public int MaxPullRequests { get; set; } = 12;

    /// <summary>Gets when gathered pages are committed.</summary>
    [ValidateObjectMembers]
    public CommitOptions Commit { get; } = new();

    /// <summary>Gets or sets how far behind the server's clock a delta starts, to find transactions that committed late.</summary>
    /// <value>0 to 24 hours. The default is 5 minutes. Safe is more than the longest write transaction plus the time of one page. Also read from AGENT_SYNC_OVERLAP_SECONDS.</value>
    public TimeSpan OverlapLag { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets or sets how long a run may make no step while it waits for the app's conflict resolver or progress callback, or for the local store, before it fails with <see cref="SyncStalledException"/>.</summary>
    /// <value>0 to 24 hours; 0 means for ever. The default is 10 minutes. What waits for the server, a token or a lease has limits of its own. Also read from AGENT_SYNC_STALL_SECONDS.</value>
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Gets or sets how the total for progress is counted. The default is <see cref="TotalCount.Estimated"/>. Also read from AGENT_SYNC_TOTAL_COUNT.</summary>
    public TotalCount TotalCount { get; set; } = TotalCount.Estimated;

    /// <summary>Gets or sets whether the SQL kit is used. The default is <see cref="SqlKitMode.Detect"/>. Also read from AGENT_SYNC_SQL_KIT.</summary>
    public SqlKitMode SqlKit { get; set; }

    /// <summary>Gets how local changes are pushed.</summary>
    [ValidateObjectMembers]
    public PushOptions Push { get; } = new();

    /// <summary>Gets the retries of one request.</summary>
    [ValidateObjectMembers]
    public RetryOptions Retry { get; } = new();

    /// <summary>Gets the breaker, which stops sending after too many failures.</summary>
    [ValidateObjectMembers]
    public BreakerOptions Breaker { get; } = new();

    /// <summary>Gets the rate limit per user.</summary>
    [ValidateObjectMembers]
    public RateLimitOptions RateLimit { get; } = new();

    /// <summary>Gets or sets the base of the memory percentages in logs. Exceeding it logs a warning.</summary>
    /// <value>Bytes, at least 16 MiB. The default is 500,000,000. Also read from AGENT_SYNC_MEMORY_LIMIT_BYTES.</value>
    [InRange(OptionLimits.MinMemory)]
    public long MemoryLimit { get; set; } = 500_000_000;

    /// <summary>Gets or sets the largest accepted page, after decompression.</summary>
    /// <value>Bytes, 64 KiB to 256 MiB - 1. The default is 64 MiB. Also read from AGENT_SYNC_MAX_PAGE_BYTES.</value>
    [InRange(OptionLimits.MinPageBytes, OptionLimits.MaxPageBytes)]
    public int MaxPageBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Gets or sets how deep a page's JSON may nest, including jsonb values.</summary>
    /// <value>4 to 1,000. The default is 64. Also read from AGENT_SYNC_MAX_JSON_DEPTH.</value>
    [InRange(OptionLimits.MinJsonDepth, OptionLimits.MaxJsonDepth)]
    public int MaxJsonDepth { get; set; } = 64;

    /// <summary>Gets or sets the share of local rows above which a run refuses to remove rows: a resync those that the server no longer shows, any other run those that were deleted on the server.</summary>
    /// <value>0 to 1; 1 switches the guard off. The default is 0.5. Outside a resync, up to 1,000 rows of a dataset may be removed whatever their share is. Also read from AGENT_SYNC_MAX_DELETE_SHARE.</value>
    [InRange(0, 1)]
    public double MaxDeleteShare { get; set; } = 0.5;

    /// <summary>Gets the keys that sign cursors and checkpoints. The first one signs, all are accepted. Empty, the default, uses a random key kept in the checkpoint store.</summary>
    public IList<SealingKey> SealingKeys { get; } = [];

    /// <summary>Gets or sets a value indicating whether a secret or service_role key, which bypasses row-level security, is accepted. The default is false.</summary>
    public bool AllowRlsBypass { get; set; }

    /// <summary>Gets or sets a value indicating whether plain HTTP is accepted on a loopback address, for local development. The default is false.</summary>
    public bool AllowInsecureLoopback { get; set; }

    /// <summary>Gets a value indicating whether the page size was set, and so does not follow the server.</summary>
    internal bool PageSizeIsFixed => _pageSize is not null;

    /// <summary>Returns an independent copy.</summary>
    internal SyncOptions Copy()
    {
        var copy = new SyncOptions
        {
            Url = Url,
            ApiKey = ApiKey,
            DatasetsSection = DatasetsSection,
            AccessTokenProvider = AccessTokenProvider,
            SignedInUser = SignedInUser,
            _pageSize = _pageSize,
            MaxPullRequests = MaxPullRequests,
            OverlapLag = OverlapLag,
            StallTimeout = StallTimeout,
            TotalCount = TotalCount,
            SqlKit = SqlKit,
            MemoryLimit = MemoryLimit,
            MaxPageBytes = MaxPageBytes,
            MaxJsonDepth = MaxJsonDepth,
            MaxDeleteShare = MaxDeleteShare,
            AllowRlsBypass = AllowRlsBypass,
            AllowInsecureLoopback = AllowInsecureLoopback,
        };
        Commit.CopyTo(copy.Commit);
        Push.CopyTo(copy.Push);
        Retry.CopyTo(copy.Retry);
        Breaker.CopyTo(copy.Breaker);
        RateLimit.CopyTo(copy.RateLimit);
        foreach (var dataset in Datasets)
        {
            copy.Datasets.Add(dataset);
        }

        foreach (var key in SealingKeys)
        {
            copy.SealingKeys.Add(key);
        }

        return copy;
    }
}
