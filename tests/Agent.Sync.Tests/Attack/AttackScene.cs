using System.Net.Sockets;
using System.Text.Json;
using Agent.Sync.Resilience;
using Agent.Sync.Seams;
using Agent.Sync.Testing;
using Agent.Sync.Tests.Fakes;

namespace Agent.Sync.Tests.Attack;

/// <summary>An engine in front of real sockets. What answers is the server's double, but for one call, which is attacked as long as a test wants.</summary>
internal sealed class AttackScene : IAsyncDisposable
{
    private static readonly Dataset Dataset = SampleDatasets.Versioned("items", "name").Build();

    private readonly SkippingTime _time = new(Items.Noon);
    private readonly PostgrestDouble _double;
    private readonly PostgrestTable _table;
    private readonly RawServer _elsewhere;
    private readonly RawServer _front;
    private readonly HttpMessageInvoker _behind;
    private readonly HttpMessageInvoker _http = new(HttpHandlers.Create());
    private readonly InMemoryTransactionalStore _store = new();
    private readonly SaidBook _said;
    private readonly SyncEngine _engine;
    private readonly AttackedCall _target;
    private Strike? _strike;

    private AttackScene(AttackedCall target, SaidBook said)
    {
        _target = target;
        _said = said;
        _double = new PostgrestDouble(_time);
        _table = _double.AddTable(Dataset);
        if (target >= AttackedCall.KitPage)
        {
            _table.EnableKit();
        }

        _behind = new HttpMessageInvoker(_double, disposeHandler: false);
        _elsewhere = new RawServer(static (_, _, _) => Task.CompletedTask);
        _front = new RawServer(AnswerAsync);
        _engine = NewEngine();
    }

    /// <summary>Gets how many requests came that were attacked.</summary>
    public int Struck { get; private set; }

    /// <summary>Makes both sides equal, and then gives the call that is attacked a reason.</summary>
    public static async Task<AttackScene> StartAsync(AttackedCall target, SaidBook said)
    {
        said.Forget();
        var scene = new AttackScene(target, said);
        for (var id = 1; id <= 5; id++)
        {
            scene._table.Insert($$"""{"id":{{id}},"name":"{{Exchange.Canary}} {{id}}"}""");
        }

        await scene.SyncAsync();
        scene._time.Advance(TimeSpan.FromMinutes(10));
        scene.Edit();
        return scene;
    }

    /// <summary>Syncs once while every call of the kind is answered so; returns what the app gets.</summary>
    public async Task<(SyncException? Failure, SyncResult? Result)> AttackAsync(Strike strike)
    {
        _strike = strike;
        SyncResult? result = null;
        var failure = await OnlyTyped.RunAsync(async () => result = await SyncAsync());
        _strike = null;
        AssertNothingLeft(failure, result);
        return (failure, result);
    }

    /// <summary>Syncs with an honest server again: both sides are to become equal, with every edit on the server.</summary>
    public async Task RecoverAsync()
    {
        _time.Advance(TimeSpan.FromMinutes(10));
        await _engine.RetryChangesAsync("items", cancellationToken: TestContext.Current.CancellationToken);
        for (var run = 0; run < 6; run++)
        {
            await SyncAsync();
        }

        AssertEqualSides();
        Assert.Empty(await _store.ListChangesAsync(Dataset, null, 0, int.MaxValue, TestContext.Current.CancellationToken));
        AssertEdited();
    }

    /// <summary>Reads everything again from an honest server, whatever was believed before: both sides are to become equal, but for edits that the server was said to have.</summary>
    public async Task RepairAsync()
    {
        _time.Advance(TimeSpan.FromMinutes(10));
        await _engine.DiscardChangesAsync("items", cancellationToken: TestContext.Current.CancellationToken);
        await SyncAsync(new SyncRequest { FullResync = true, AllowMassDelete = true });
        for (var run = 0; run < 6; run++)
        {
            await SyncAsync();
        }

        AssertEqualSides();
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        _http.Dispose();
        await _front.DisposeAsync();
        await _elsewhere.DisposeAsync();
        _behind.Dispose();
        _double.Dispose();
    }

    private static bool Fits(AttackedCall target, RawRequest request) => target switch
    {
        AttackedCall.Page or AttackedCall.KitPage => request.Method == "GET" && request.Target.StartsWith("/rest/v1/items?", StringComparison.Ordinal) && request.Target.Contains("&order=", StringComparison.Ordinal),
        AttackedCall.LookUp => request.Method == "GET" && !request.Target.Contains("&order=", StringComparison.Ordinal),
        AttackedCall.Insert => request.Method == "POST",
        AttackedCall.Update => request.Method == "PATCH",
        AttackedCall.Delete => request.Method == "DELETE",
        AttackedCall.Horizon => request.Target == "/rest/v1/rpc/horizon",
        _ => request.Target == "/rest/v1/rpc/push",
    };

    private void Edit()
    {
        _table.Insert($$"""{"id":6,"name":"{{Exchange.Canary}} new"}""");
        switch (_target)
        {
            case AttackedCall.Insert:
                _store.Insert(Dataset, $$"""{"id":7,"name":"{{Exchange.Canary}} mine"}""");
                break;
            case AttackedCall.Update or AttackedCall.Push:
                _store.Update(Dataset, $$"""{"name":"{{Exchange.Canary}} mine"}""", "1");
                break;
            case AttackedCall.LookUp:
                _store.Update(Dataset, $$"""{"name":"{{Exchange.Canary}} mine"}""", "1");
                _table.Update("""{"name":"theirs"}""", "1");
                break;
            case AttackedCall.Delete:
                _store.Delete(Dataset, "2");
                break;
        }
    }

    private void AssertEqualSides()
    {
        var columns = (_table.HasKit ? Dataset.WithSequence() : Dataset).Columns.Select(static column => column.Name);
        Assert.Equal(_table.VisibleRows("user", [.. columns]).Order(StringComparer.Ordinal), _store.GetRows("items").Order(StringComparer.Ordinal));
    }

    private void AssertEdited()
    {
        Assert.True(_target != AttackedCall.Delete || _table.FindRow("2") is null, "The delete was lost.");
        Assert.True(_target != AttackedCall.Insert || NameOf("7").EndsWith("mine", StringComparison.Ordinal), "The insert was lost.");
        Assert.True(_target is not (AttackedCall.Update or AttackedCall.Push) || NameOf("1").EndsWith("mine", StringComparison.Ordinal), "The update was lost.");
    }

    private string NameOf(string id) => _table.FindRow(id) is { } row ? JsonDocument.Parse(row).RootElement.GetProperty("name").GetString()! : "nothing";

    private void AssertNothingLeft(SyncException? failure, SyncResult? result)
    {
        Assert.Equal(0, _elsewhere.Connections);
        Assert.True(Struck is > 0 and < 60, $"{Struck} requests were attacked.");
        Assert.DoesNotContain(_double.Requests, static request => request.Header("Cookie") is not null);
        _said.Add($"{failure} {failure?.Code} {result}");
        Assert.NotEqual(0, _said.Count);
        Assert.Empty(_said.Private);
    }

    private async Task AnswerAsync(TcpClient client, RawRequest request, CancellationToken over)
    {
        var honest = await HonestAnswer.AskAsync(_behind, PostgrestDouble.Url, request, over);
        var strike = Fits(_target, request) ? _strike : null;
        Struck += strike is null ? 0 : 1;
        var exchange = new Exchange(client, honest, _elsewhere.Url, _time, over);
        await (strike is null ? exchange.AnswerAsync(honest.Status, honest.Head, honest.Body) : strike.Play(exchange));
    }

    private Task<SyncResult> SyncAsync(SyncRequest? request = null) => _engine.SyncAsync(request ?? new SyncRequest(), cancellationToken: TestContext.Current.CancellationToken);

    private SyncEngine NewEngine()
    {
        var options = new SyncOptions
        {
            Url = _front.Url,
            AllowInsecureLoopback = true,
            ApiKey = PostgrestDouble.ApiKey,
            AccessTokenProvider = (_, _) => ValueTask.FromResult<AccessToken?>(new AccessToken(_double.CreateToken("user"))),
            SqlKit = _table.HasKit ? SqlKitMode.Require : SqlKitMode.Ignore,
            PageSize = 2,
            MaxPullRequests = 1,
            MaxPageBytes = 64 * 1024,
            TotalCount = TotalCount.Exact,
        };
        options.Retry.MaxRetries = 1;
        options.Retry.Delay = TimeSpan.FromMilliseconds(1);
        options.Retry.AttemptTimeout = TimeSpan.FromSeconds(5);
        options.Retry.MaxRetryAfter = TimeSpan.FromSeconds(2);
        options.RateLimit.Burst = 10_000;
        options.Push.ConflictPolicy = ConflictPolicy.ServerWins;
        options.Datasets.Add(Dataset);
        var seams = new EngineSeams { Time = _time, WorkingSet = static () => 1 };
        return new SyncEngine(options, _store, _store, _http, new UserRateLimiter(options.RateLimit, _time), _said, meters: null, seams);
    }
}
