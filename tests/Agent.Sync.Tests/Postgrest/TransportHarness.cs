using Agent.Sync.Postgrest;
using Agent.Sync.Resilience;
using Agent.Sync.Seams;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Agent.Sync.Tests.Postgrest;

/// <summary>A client on a virtual clock in front of a scripted server.</summary>
internal sealed class TransportHarness
{
    private PostgrestClient? _client;

    public TransportHarness()
    {
        Handler = new ScriptedHandler(Time);
        Options.Datasets.Add(Dataset);
        Options.AccessTokenProvider = (refused, _) =>
        {
            TokenRequests.Add(refused);
            return new ValueTask<AccessToken?>(Token);
        };
    }

    public static Dataset Dataset { get; } = Agent.Sync.Dataset.Define("artifacts")
        .Key("id", ColumnType.Text)
        .UpdatedAt("updated_at")
        .Build();

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public ScriptedHandler Handler { get; }

    public FakeLogCollector Log { get; } = new();

    public List<AccessToken?> TokenRequests { get; } = [];

    public AccessToken? Token { get; set; } = TestToken.Of();

    public double Jitter { get; set; } = 0.25;

    public SyncOptions Options { get; } = new() { Url = new Uri("https://abc.supabase.co"), ApiKey = "sb_publishable_key" };

    public RequestTally Tally { get; } = new();

    public PostgrestClient Client => _client ??= new PostgrestClient(
        Options,
        new HttpMessageInvoker(Handler),
        new UserRateLimiter(Options.RateLimit, Time),
        new EngineSeams { Time = Time, Jitter = () => Jitter },
        new FakeLogger(Log));

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static PageQuery FirstPage { get; } = new(Dataset, PageOrder.Key, After: null, Limit: 100);

    public async Task<PageAnswer> GetAsync(PageQuery? query = null, CancellationToken? cancellationToken = null)
    {
        var token = cancellationToken ?? Cancellation;
        var session = await Client.OpenSessionAsync(Tally, token);
        return await RunAsync(session.GetPageAsync(query ?? FirstPage, token));
    }

    /// <summary>Moves the clock until the work is done; timers fire at their exact times on the way.</summary>
    public async Task<T> RunAsync<T>(Task<T> work)
    {
        for (var step = 0; step < 20_000 && !work.IsCompleted; step++)
        {
            Time.Advance(TimeSpan.FromMilliseconds(250));
        }

        Assert.True(work.IsCompleted, "The work waits for something that is not on the clock.");
        return await work;
    }

    public async Task<TException> FailAsync<TException>(PageQuery? query = null)
        where TException : SyncException => await Assert.ThrowsAsync<TException>(() => GetAsync(query));

    public async Task<SyncException> FailAsync() => (SyncException)await Assert.ThrowsAnyAsync<SyncException>(() => GetAsync());

    public void AssertNothingLeaked(Exception? exception, params string[] secrets)
    {
        var said = string.Join('\n', Log.GetSnapshot().Select(record => record.ToString() + record.Exception)) + exception;
        foreach (var secret in secrets.Append(Answers.Canary))
        {
            Assert.DoesNotContain(secret, said, StringComparison.Ordinal);
        }
    }
}
