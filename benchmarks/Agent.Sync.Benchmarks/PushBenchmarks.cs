using System.Text;
using System.Text.Json;
using Agent.Sync.Benchmarks.Pushing;
using Agent.Sync.Diagnostics;
using Agent.Sync.Postgrest;
using Agent.Sync.Progress;
using Agent.Sync.Push;
using Agent.Sync.Push.Batches;
using Agent.Sync.Resilience;
using Agent.Sync.Runs;
using Agent.Sync.Seams;
using Agent.Sync.Stores;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Engines;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agent.Sync.Benchmarks;

/// <summary>
/// What does it cost to send 10,000 new rows of about 1.3 KB, 500 per request, to a server that answers at once with the
/// rows? The baseline serializes objects to a string and reads the answer back into objects.
/// </summary>
[MemoryDiagnoser]
[SimpleJob(RunStrategy.Monitoring, launchCount: 1, warmupCount: 3, iterationCount: 15, invocationCount: 8)]
public class PushBenchmarks
{
    /// <summary>Rows per operation.</summary>
    public const int Rows = 10_000;

    private const int RowsPerRequest = 500;

    private readonly byte[][] _pages = new ApplyRows(Rows / RowsPerRequest, RowsPerRequest).Json;
    private readonly SyncOptions _options = new() { Url = new Uri("http://localhost"), ApiKey = "sb_publishable_x", AllowInsecureLoopback = true };
    private ArtifactRow[][] _objects = [];
    private CannedChanges _changes = null!;
    private SyncMetrics _metrics = null!;
    private PostgrestClient _client = null!;
    private HttpClient _http = null!;

    /// <summary>Makes rows, changes and clients once.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var token = $"{Encode("""{"alg":"HS256"}""")}.{Encode("""{"sub":"u","role":"authenticated"}""")}.{Encode("signature")}";
        _options.AccessTokenProvider = (_, _) => new ValueTask<AccessToken?>(new AccessToken(token));
        _options.Push.MaxRequests = 1;
        _options.RateLimit.RequestsPerSecond = 100_000;
        _options.RateLimit.Burst = 10_000;
        _options.Datasets.Add(ApplyRows.Dataset);
        _objects = [.. _pages.Select(static page => JsonSerializer.Deserialize(page, ArtifactJson.Default.ArtifactRowArray)!)];
        _changes = new CannedChanges(_pages);
        _metrics = new SyncMetrics(null);
        _http = new HttpClient(new EchoHandler(_pages));
        _client = new PostgrestClient(
            _options, new HttpMessageInvoker(new EchoHandler(_pages)), new UserRateLimiter(_options.RateLimit, TimeProvider.System), new EngineSeams(), NullLogger.Instance);
    }

    /// <summary>Ends the clients.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        _http.Dispose();
        _metrics.Dispose();
    }

    /// <summary>Objects to a string, the answer's string to objects.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Rows)]
    public async Task<int> SerializerToString()
    {
        var rows = 0;
        foreach (var batch in _objects)
        {
            using var content = new StringContent(JsonSerializer.Serialize(batch, ArtifactJson.Default.ArtifactRowArray), Encoding.UTF8, "application/json");
            using var answer = await _http.PostAsync(new Uri("http://localhost/rest/v1/artifacts"), content);
            rows += JsonSerializer.Deserialize(await answer.Content.ReadAsStringAsync(), ArtifactJson.Default.ArtifactRowArray)!.Length;
        }

        return rows;
    }

    /// <summary>The uploader, with the outbox's JSON ready and an outbox that forgets.</summary>
    [Benchmark(OperationsPerInvoke = Rows)]
    public async Task<long> Push()
    {
        var tally = new RequestTally();
        var seams = new EngineSeams();
        var session = await _client.OpenSessionAsync(tally, CancellationToken.None);
        var lease = await DatasetLease.AcquireAsync(new InMemoryCheckpointStore(), ApplyRows.Dataset, seams, TimeSpan.Zero, CancellationToken.None);
        var state = new PushState(_options.Push);
        var push = new DatasetPush(new PushContext
        {
            Run = new RunContext
            {
                Options = _options,
                Request = new SyncRequest(),
                Seams = seams,
                Metrics = _metrics,
                Memory = new MemoryWatch(static () => 1, _options.MemoryLimit),
                Progress = new ProgressTracker(null, seams.Time, NullLogger.Instance),
                Log = NullLogger.Instance,
                TimeOver = CancellationToken.None,
            },
            Dataset = ApplyRows.Dataset,
            Store = _changes,
            Transport = session,
            Tally = tally,
            Lease = lease,
            UsesKit = false,
            State = state,
        });
        await push.RunAsync(ChangePart.Writes, CancellationToken.None);
        return state.Counts.Pushed == Rows ? Rows : throw new InvalidOperationException("Not every row was pushed.");
    }

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
