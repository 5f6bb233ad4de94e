using Agent.Sync.Engine;
using Agent.Sync.Resilience;
using Agent.Sync.Seams;
using Agent.Sync.Testing;
using Agent.Sync.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Agent.Sync.Tests.Engine;

public sealed class SyncEngineTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(Items.Noon);
    private readonly PostgrestDouble _server;
    private readonly HttpMessageInvoker _http;
    private readonly InMemoryTransactionalStore _store = new();
    private readonly SyncEngine _engine;
    private string _user = "user";

    public SyncEngineTests()
    {
        _server = new PostgrestDouble(_time);
        _http = new HttpMessageInvoker(_server, disposeHandler: false);
        var options = new SyncOptions
        {
            Url = PostgrestDouble.Url,
            ApiKey = PostgrestDouble.ApiKey,
            AccessTokenProvider = (_, _) => ValueTask.FromResult<AccessToken?>(new AccessToken(_server.CreateToken(_user))),
            PageSize = 2,
        };
        foreach (var name in new[] { "parents", "children" })
        {
            var dataset = SampleDatasets.Of(name).Build();
            options.Datasets.Add(dataset);
            var table = _server.AddTable(dataset);
            for (var id = 1; id <= 5; id++)
            {
                table.Insert($"{{\"id\":{id}}}");
            }
        }

        var seams = new EngineSeams { Time = _time, Work = new InlineWork(), WorkingSet = static () => 1 };
        _engine = new SyncEngine(
            options, _store, _store, _http, new UserRateLimiter(options.RateLimit, _time), NullLoggerFactory.Instance, meters: null, seams);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _http.Dispose();
        _server.Dispose();
    }

    [Fact]
    public async Task SyncAsync_TwoDatasets_BringsBothInTheConfiguredOrder()
    {
        var result = await _engine.SyncAsync(new SyncRequest { Datasets = ["children", "parents"] }, cancellationToken: Token);

        Assert.Equal(SyncOutcome.Completed, result.Outcome);
        Assert.Equal(["parents", "children"], result.Datasets.Select(dataset => dataset.Dataset));
        Assert.Equal(10, result.Applied);
        Assert.Equal(5, _store.GetRows("children").Count);
    }

    [Fact]
    public async Task SyncAsync_UserSwitchesBetweenDatasets_BringsNoRowOfTheOtherUser()
    {
        var progress = new RecordingProgress
        {
            OnReport = snapshot => _user = snapshot.Phase == SyncPhase.Completed ? "other" : _user,
        };

        var result = await _engine.SyncAsync(new SyncRequest(), progress, Token);

        Assert.Equal(SyncOutcome.UserChanged, result.Outcome);
        Assert.Equal(5, _store.GetRows("parents").Count);
        Assert.Empty(_store.GetRows("children"));
    }

    [Fact]
    public async Task ReadPagesAsync_FromAPagesCursor_GivesTheRowsAfterIt()
    {
        var first = new List<Page>();
        await foreach (var page in _engine.ReadPagesAsync("parents", cancellationToken: Token))
        {
            first.Add(page);
        }

        var rest = 0;
        await foreach (var page in _engine.ReadPagesAsync("parents", Cursor.FromToken(first[0].Next!.ToToken()), Token))
        {
            rest += page.Count;
            page.Dispose();
        }

        Assert.Equal([2, 2, 1], first.Select(page => page.Count));
        Assert.Equal(3, rest);
        Assert.All(first, page => Assert.False(Items.IsDisposed(page)));
    }

    [Fact]
    public async Task ReadPagesAsync_AnotherUsersCursor_IsRefusedBeforeAnyPage()
    {
        Cursor? cursor = null;
        await foreach (var page in _engine.ReadPagesAsync("parents", cancellationToken: Token))
        {
            cursor ??= page.Next;
        }

        _user = "other";
        var pages = _engine.ReadPagesAsync("parents", cursor, Token).GetAsyncEnumerator(Token);
        var requests = _server.RequestCount;

        var exception = await Assert.ThrowsAsync<SyncProtocolException>(() => pages.MoveNextAsync().AsTask());

        Assert.Equal(SyncErrorKind.CursorRefused, exception.Kind);
        Assert.Equal(requests, _server.RequestCount);
    }

    [Fact]
    public async Task ResetAsync_AfterASync_ForgetsThePositionAndKeepsTheRows()
    {
        await _engine.SyncAsync(new SyncRequest(), cancellationToken: Token);
        var before = await _engine.GetStatusAsync(Token);

        await _engine.ResetAsync("parents", Token);

        var after = await _engine.GetStatusAsync(Token);
        Assert.Equal([SyncPhase.Delta, SyncPhase.Delta], before.Datasets.Select(dataset => dataset.Phase));
        Assert.Equal([SyncPhase.NotStarted, SyncPhase.Delta], after.Datasets.Select(dataset => dataset.Phase));
        Assert.Equal(5, _store.GetRows("parents").Count);
    }

    [Fact]
    public async Task SyncAsync_UnknownDataset_NamesTheConfiguredOnes()
    {
        var exception = await Assert.ThrowsAsync<ArgumentException>(() =>
            _engine.SyncAsync(new SyncRequest { Datasets = ["nothing"] }, cancellationToken: Token));

        Assert.Contains("parents, children", exception.Message, StringComparison.Ordinal);
    }
}
