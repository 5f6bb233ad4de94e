using Agent.Sync.Configuration;
using Agent.Sync.Engine;
using Agent.Sync.Resilience;
using Agent.Sync.Seams;
using Agent.Sync.Testing;
using Agent.Sync.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Agent.Sync.Tests.Engine;

/// <summary>Edits that were made before the SQL kit came, and are pushed after it.</summary>
public sealed class GradeChangeTests : IDisposable
{
    private static readonly Dataset Items = Dataset.Define("items")
        .Key("id", ColumnType.Integer).Column("name", ColumnType.Text).Column("note", ColumnType.Text).Cursor("updated_at").Build();

    private readonly FakeTimeProvider _time = new(Fakes.Items.Noon);
    private readonly PostgrestDouble _server;
    private readonly PostgrestTable _table;
    private readonly HttpMessageInvoker _http;
    private readonly InMemoryTransactionalStore _store = new();

    public GradeChangeTests()
    {
        _server = new PostgrestDouble(_time);
        _http = new HttpMessageInvoker(_server, disposeHandler: false);
        _table = _server.AddTable(Items);
        _table.Insert("""{"id":1,"name":"first"}""");
    }

    public void Dispose()
    {
        _http.Dispose();
        _server.Dispose();
    }

    [Fact]
    public async Task SyncAsync_EditFromBeforeTheKitOfARowThatChanged_IsAConflictAndNotStuck()
    {
        await SyncAsync();
        _store.Update(Items, """{"name":"mine"}""", "1");
        _time.Advance(TimeSpan.FromMinutes(1));
        _table.Update("""{"name":"theirs"}""", "1");
        _table.EnableKit();

        var pull = await SyncAsync(SyncDirection.Pull);
        var both = await SyncAsync();

        Assert.Equal((CompletenessGrade.Exact, 1L), (pull.Grade, pull.Datasets[0].Pending));
        Assert.Equal((1L, 0L), (both.Datasets[0].Conflicts, both.Datasets[0].Pending));
        Assert.Contains("theirs", _store.FindRow("items", "1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SyncAsync_EditFromBeforeTheKitOfARowThatDidNot_IsPushed()
    {
        await SyncAsync();
        _store.Update(Items, """{"name":"mine"}""", "1");
        _table.EnableKit();

        await SyncAsync(SyncDirection.Pull);
        var both = await SyncAsync();

        Assert.Equal((1L, 0L, 0L), (both.Datasets[0].Pushed, both.Datasets[0].Conflicts, both.Datasets[0].Pending));
        Assert.Equal(["""{"name":"mine"}"""], _table.VisibleRows("user", "name"));
    }

    /// <summary>A new process each time: an engine remembers for an hour that there is no kit.</summary>
    private async Task<SyncResult> SyncAsync(SyncDirection direction = SyncDirection.Both)
    {
        var options = new SyncOptions
        {
            Url = PostgrestDouble.Url,
            ApiKey = PostgrestDouble.ApiKey,
            AccessToken = (_, _) => ValueTask.FromResult<AccessToken?>(new AccessToken(_server.CreateToken("user"))),
        };
        options.Datasets.Add(Items);
        var seams = new EngineSeams { Time = _time, Work = new InlineWork(), WorkingSet = static () => 1 };
        var engine = new SyncEngine(
            options, _store, _store, _http, new UserRateLimiter(options.RateLimit, _time), NullLoggerFactory.Instance, meters: null, seams);
        return await engine.SyncAsync(new SyncRequest { Direction = direction }, cancellationToken: TestContext.Current.CancellationToken);
    }
}
