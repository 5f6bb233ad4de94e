namespace Agent.Sync.Tests.Configuration;

public sealed class SyncOptionsCheckTests
{
    public static TheoryData<string, string, Action<SyncOptions>> Refusals => new()
    {
        { "SyncOptions.PageSize is 0", "1 to 1,000", options => options.PageSize = 0 },
        { "SyncOptions.PageSize is 1001", "1 to 1,000", options => options.PageSize = 1001 },
        { "SyncOptions.PageSize is -1", "1 to 1,000", options => options.PageSize = -1 },
        { "SyncOptions.MemoryLimit is 16777215", "at least 16,777,216", options => options.MemoryLimit = (16 * 1024 * 1024) - 1 },
        { "SyncOptions.MaxPageBytes is 65535", "65,536 to 268,435,455", options => options.MaxPageBytes = 65_535 },
        { "SyncOptions.MaxPageBytes is 268435456", "65,536 to 268,435,455", options => options.MaxPageBytes = 268_435_456 },
        { "SyncOptions.MaxJsonDepth is 3", "4 to 1,000", options => options.MaxJsonDepth = 3 },
        { "SyncOptions.MaxJsonDepth is 1001", "4 to 1,000", options => options.MaxJsonDepth = 1001 },
        { "SyncOptions.MaxDeleteShare is -0.1", "0 to 1", options => options.MaxDeleteShare = -0.1 },
        { "SyncOptions.MaxDeleteShare is 1.01", "0 to 1", options => options.MaxDeleteShare = 1.01 },
        { "SyncOptions.MaxDeleteShare is NaN", "0 to 1", options => options.MaxDeleteShare = double.NaN },
        { "SyncOptions.OverlapLag is -1 s", "0 s to 86,400 s", options => options.OverlapLag = TimeSpan.FromSeconds(-1) },
        { "SyncOptions.OverlapLag is 86,401 s", "0 s to 86,400 s", options => options.OverlapLag = TimeSpan.FromSeconds(86_401) },
        { "SyncOptions.TotalCount is 7", "None, Estimated, Exact", options => options.TotalCount = (TotalCount)7 },
        { "SyncOptions.Commit.Rows is 0", "1 to 1,000,000", options => options.Commit.Rows = 0 },
        { "SyncOptions.Commit.Rows is 1000001", "1 to 1,000,000", options => options.Commit.Rows = 1_000_001 },
        { "SyncOptions.Commit.Bytes is 0", "1 to 268,435,456", options => options.Commit.Bytes = 0 },
        { "SyncOptions.Commit.Bytes is 268435457", "1 to 268,435,456", options => options.Commit.Bytes = 268_435_457 },
        { "SyncOptions.Commit.Interval is -1 s", "0 s to 60 s", options => options.Commit.Interval = TimeSpan.FromSeconds(-1) },
        { "SyncOptions.Commit.Interval is 60.001 s", "0 s to 60 s", options => options.Commit.Interval = TimeSpan.FromMilliseconds(60_001) },
        { "SyncOptions.Retry.MaxRetries is -1", "0 to 10", options => options.Retry.MaxRetries = -1 },
        { "SyncOptions.Retry.MaxRetries is 11", "0 to 10", options => options.Retry.MaxRetries = 11 },
        { "SyncOptions.Retry.Delay is 0 s", "1 ms to 60 s", options => options.Retry.Delay = TimeSpan.Zero },
        { "SyncOptions.Retry.Delay is 61 s", "1 ms to 60 s", options => options.Retry.Delay = TimeSpan.FromSeconds(61) },
        { "SyncOptions.Retry.MaxRetryAfter is 3,601 s", "0 s to 3,600 s", options => options.Retry.MaxRetryAfter = TimeSpan.FromSeconds(3601) },
        { "SyncOptions.Retry.AttemptTimeout is 99 ms", "100 ms to 600 s", options => options.Retry.AttemptTimeout = TimeSpan.FromMilliseconds(99) },
        { "SyncOptions.Retry.RequestTimeout is 3,601 s", "100 ms to 3,600 s", options => options.Retry.RequestTimeout = TimeSpan.FromSeconds(3601) },
        { "SyncOptions.Retry.RequestTimeout is 29 s", "shorter than SyncOptions.Retry.AttemptTimeout, 30 s", options => options.Retry.RequestTimeout = TimeSpan.FromSeconds(29) },
        { "SyncOptions.Breaker.FailureShare is 0", "above 0, at most 1", options => options.Breaker.FailureShare = 0 },
        { "SyncOptions.Breaker.FailureShare is 1.1", "above 0, at most 1", options => options.Breaker.FailureShare = 1.1 },
        { "SyncOptions.Breaker.MinimumAttempts is 1", "2 to 1,000", options => options.Breaker.MinimumAttempts = 1 },
        { "SyncOptions.Breaker.MinimumAttempts is 1001", "2 to 1,000", options => options.Breaker.MinimumAttempts = 1001 },
        { "SyncOptions.Breaker.Window is 999 ms", "1 s to 600 s", options => options.Breaker.Window = TimeSpan.FromMilliseconds(999) },
        { "SyncOptions.Breaker.BreakDuration is 499 ms", "500 ms to 600 s", options => options.Breaker.BreakDuration = TimeSpan.FromMilliseconds(499) },
        { "SyncOptions.RateLimit.RequestsPerSecond is 0", "above 0, at most 100,000", options => options.RateLimit.RequestsPerSecond = 0 },
        { "SyncOptions.RateLimit.RequestsPerSecond is Infinity", "at most 100,000", options => options.RateLimit.RequestsPerSecond = double.PositiveInfinity },
        { "SyncOptions.RateLimit.Burst is 0", "1 to 10,000", options => options.RateLimit.Burst = 0 },
        { "SyncOptions.RateLimit.Burst is 10001", "1 to 10,000", options => options.RateLimit.Burst = 10_001 },
        { "SyncOptions.Url must be", "https://", options => options.Url = null },
        { "SyncOptions.Url must be", "absolute", options => options.Url = new Uri("rest/v1", UriKind.Relative) },
        { "SyncOptions.Url must use https", "clear", options => options.Url = new Uri("http://project.example.test") },
        { "SyncOptions.Url uses http on loopback", "AllowInsecureLoopback", options => options.Url = new Uri("http://127.0.0.1:54321") },
        { "SyncOptions.Url must hold no user name", "ApiKey", options => options.Url = new Uri("https://project.example.test/?apikey=x") },
        { "SyncOptions.ApiKey must be", "publishable", options => options.ApiKey = " " },
        { "SyncOptions.ApiKey must hold", "copied", options => options.ApiKey = "key\n" },
        { "SyncOptions.ApiKey is a secret", "AllowRlsBypass", options => options.ApiKey = "sb_secret_x" },
        { "SyncOptions has no session", "UseSession(session)", options => options.AccessTokenProvider = null },
        { "SyncOptions has no session", "Url, ApiKey and AccessTokenProvider", options => (options.Url, options.ApiKey, options.AccessTokenProvider) = (null, null, null) },
        { "SyncOptions.Datasets is empty", "AddDataset(...)", options => options.Datasets.Clear() },
        { "SyncOptions.Datasets holds null", "remove", options => options.Datasets.Add(null!) },
        { "SyncOptions.Datasets holds 'artifacts' twice", "Named(...)", options => options.Datasets.Add(TestOptions.Dataset("ARTIFACTS", "other")) },
        { "SyncOptions.Datasets maps two datasets to the local table 'artifacts'", "ToTable(...)", options => options.Datasets.Add(TestOptions.Dataset("other", "Artifacts")) },
        { "SyncOptions.SealingKeys holds null", "remove", options => options.SealingKeys.Add(null!) },
        { "SyncOptions.SealingKeys holds the id 3 twice", "its own", options => AddKeys(options, 3, 4, 3) },
    };

    [Theory]
    [MemberData(nameof(Refusals), DisableDiscoveryEnumeration = true)]
    public void Require_OneWrongOption_SaysWhichAndWhatToDo(string start, string part, Action<SyncOptions> spoil)
    {
        var options = TestOptions.Create();
        spoil(options);

        var fault = Assert.Single(TestOptions.FaultsOf(options));

        Assert.StartsWith(start, fault, StringComparison.Ordinal);
        Assert.Contains(part, fault, StringComparison.Ordinal);
    }

    public static TheoryData<string, Action<SyncOptions>> Acceptances => new()
    {
        { "defaults", static _ => { } },
        { "smallest page", static options => options.PageSize = 1 },
        { "largest page", static options => options.PageSize = 1_000 },
        { "no retries", static options => options.Retry.MaxRetries = 0 },
        { "every page committed", static options => options.Commit.Interval = TimeSpan.Zero },
        { "no overlap", static options => options.OverlapLag = TimeSpan.Zero },
        { "no delete at all", static options => options.MaxDeleteShare = 0 },
        { "most memory", static options => options.MemoryLimit = long.MaxValue },
        { "loopback allowed", static options => (options.Url, options.AllowInsecureLoopback) = (new Uri("http://localhost:54321"), true) },
        { "secret key asked for", static options => (options.ApiKey, options.AllowRlsBypass, options.AccessTokenProvider) = ("sb_secret_x", true, null) },
        { "two keys", static options => AddKeys(options, 1, 2) },
    };

    [Theory]
    [MemberData(nameof(Acceptances), DisableDiscoveryEnumeration = true)]
    public void Require_RightOptions_SaysNothing(string what, Action<SyncOptions> change)
    {
        Assert.NotEmpty(what);
        var options = TestOptions.Create();
        change(options);

        Assert.Empty(TestOptions.FaultsOf(options));
    }

    [Theory]
    [InlineData("https://abc.supabase.co/rest/v1", "/rest/v1")]
    [InlineData("https://abc.supabase.co/rest/v1/", "/rest/v1")]
    [InlineData("https://abc.supabase.co//REST//V1//", "/REST/V1")]
    [InlineData("https://abc.supabase.co/auth/v1", "/auth/v1")]
    [InlineData("https://abc.supabase.co/storage/v1/", "/storage/v1")]
    [InlineData("https://abc.supabase.co/rest", "/rest")]
    [InlineData("https://host.example/prefix/rest/v1", "/rest/v1")]
    [InlineData("https://abc.supabase.co/%22", "quote")]
    [InlineData("https://abc.supabase.co/'", "quote")]
    [InlineData("https://abc.supabase.co/ x", "blank")]
    [InlineData("https://supabase.com/dashboard/project/abc", "dashboard")]
    public void Check_UrlThatIsNotTheProjects_SaysWhatToTakeAwayForEngineAndSession(string url, string hint)
    {
        var options = TestOptions.Create();
        options.Url = new Uri(url);

        var fault = Assert.Single(TestOptions.FaultsOf(options));
        var session = Assert.Throws<ArgumentException>(() => new SupabaseSession(new SupabaseSessionOptions { Url = options.Url, ApiKey = options.ApiKey }));

        Assert.Contains(hint, fault, StringComparison.Ordinal);
        Assert.Contains(hint, session.Message, StringComparison.Ordinal);
        Assert.Contains("https://abc.supabase.co", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://abc.supabase.co")]
    [InlineData("https://abc.supabase.co/")]
    [InlineData(" https://abc.supabase.co/// ")]
    [InlineData("https://host.example/prefix")]
    [InlineData("https://host.example/restaurant/v1")]
    [InlineData("https://rest.example/v1")]
    public void Check_UrlOfAProject_IsAccepted(string url)
    {
        var options = TestOptions.Create();
        options.Url = new Uri(url);

        Assert.Empty(TestOptions.FaultsOf(options));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("null")]
    [InlineData("undefined")]
    [InlineData("\"sb_publishable_key\"")]
    [InlineData("'sb_publishable_key'")]
    [InlineData("`sb_publishable_key`")]
    [InlineData("<sb_publishable_key>")]
    [InlineData("sb_publishable_key\n")]
    [InlineData("sb_publishable_key,")]
    [InlineData("sb_publishable_k\u00e9y")]
    public void Check_ApiKeyThatIsNone_IsRefusedForEngineAndSession(string? key)
    {
        var options = TestOptions.Create();
        options.ApiKey = key;

        var fault = Assert.Single(TestOptions.FaultsOf(options));
        var session = Assert.Throws<ArgumentException>(() => new SupabaseSession(new SupabaseSessionOptions { Url = options.Url, ApiKey = key }));

        Assert.Contains("ApiKey must", fault, StringComparison.Ordinal);
        Assert.Contains("ApiKey must", session.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("sb_publishable_k", fault + session.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Require_AnonKeyInPlaceOfASession_StillAsksForTheSession()
    {
        var options = TestOptions.Create();
        (options.AllowRlsBypass, options.AccessTokenProvider) = (true, null);

        Assert.StartsWith("SyncOptions has no session", Assert.Single(TestOptions.FaultsOf(options)), StringComparison.Ordinal);
    }

    [Fact]
    public void Require_SeveralWrongOptions_TellsThemTogether()
    {
        var faults = TestOptions.FaultsOf(new SyncOptions { PageSize = 0, OverlapLag = TimeSpan.FromDays(2) });

        Assert.Collection(
            faults,
            fault => Assert.StartsWith("SyncOptions.PageSize", fault, StringComparison.Ordinal),
            fault => Assert.StartsWith("SyncOptions.OverlapLag", fault, StringComparison.Ordinal),
            fault => Assert.StartsWith("SyncOptions.Datasets", fault, StringComparison.Ordinal),
            fault => Assert.StartsWith("SyncOptions has no session", fault, StringComparison.Ordinal));
    }

    [Fact]
    public void Require_KeysAndUserNames_AreNotRepeated()
    {
        var options = TestOptions.Create();
        options.ApiKey = "sb_secret_canary";
        options.Url = new Uri("https://canary:canary@project.example.test");

        Assert.DoesNotContain("canary", string.Join(' ', TestOptions.FaultsOf(options)), StringComparison.Ordinal);
    }

    private static void AddKeys(SyncOptions options, params ReadOnlySpan<byte> ids)
    {
        foreach (var id in ids)
        {
            options.SealingKeys.Add(new SealingKey(id, new byte[32]));
        }
    }
}
