using Agent.Sync.Postgrest;
using Agent.Sync.Resilience;
using Agent.Sync.Seams;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agent.Sync.Tests.Postgrest;

public sealed class RequestCostTests(ITestOutputHelper output)
{
    /// <summary>What one request may allocate in the transport, its message, its address and its headers included.</summary>
    private const int Budget = 4 * 1024;

    [Fact]
    public async Task GetPage_Warm_StaysWithinItsBudget()
    {
        const int Requests = 200;
        var token = TestToken.Of();
        var options = new SyncOptions { Url = new Uri("https://abc.supabase.co"), ApiKey = "key", AccessTokenProvider = (_, _) => new ValueTask<AccessToken?>(token) };
        options.RateLimit.Burst = 10_000;
        var answers = new Queue<HttpResponseMessage>(Enumerable.Range(0, 3 * Requests).Select(_ => Answers.Page()));
        var client = new PostgrestClient(
            options,
            new HttpMessageInvoker(new CannedHandler(answers)),
            new UserRateLimiter(options.RateLimit, TimeProvider.System),
            new EngineSeams(),
            NullLogger.Instance);
        var session = await client.OpenSessionAsync(new RequestTally(), TransportHarness.Cancellation);
        var query = TransportHarness.FirstPage with
        {
            Order = PageOrder.Cursor,
            After = new CursorPosition(PageOrder.Cursor, "2026-01-01T00:00:00.123456+00:00", ["0b3b1f3e-3c07-4d6e-9d5b-0d6a1c7f2a11"]),
        };
        await Fetch(2 * Requests);

        var before = GC.GetAllocatedBytesForCurrentThread();
        await Fetch(Requests);
        var perRequest = (GC.GetAllocatedBytesForCurrentThread() - before) / Requests;

        output.WriteLine($"{perRequest} B per request");
        Assert.InRange(perRequest, 1, Budget);

        // Everything completes synchronously, so the thread stays the same.
        async Task Fetch(int count)
        {
            for (var request = 0; request < count; request++)
            {
                (await session.GetPageAsync(query, TransportHarness.Cancellation)).Page.Dispose();
            }
        }
    }

    private sealed class CannedHandler(Queue<HttpResponseMessage> answers) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(answers.Dequeue());
    }
}
