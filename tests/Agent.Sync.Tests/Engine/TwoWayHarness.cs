using Agent.Sync.Engine;
using Agent.Sync.Resilience;
using Agent.Sync.Seams;
using Agent.Sync.Testing;
using Agent.Sync.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Agent.Sync.Tests.Engine;

/// <summary>Engines that sync both ways between a store in memory and the server's double.</summary>
internal sealed class TwoWayHarness : IDisposable
{
    private readonly FakeTimeProvider _time = new(Items.Noon);
    private readonly HttpMessageInvoker _http;
    private readonly List<SyncEngine> _engines = [];
    private readonly SqlKitMode _kit;
    private SyncEngine? _engine;

    /// <param name="kit">Whether the tables have the SQL kit.</param>
    /// <param name="datasets">The datasets, parents first.</param>
    public TwoWayHarness(bool kit, params Dataset[] datasets)
        : this(kit ? SqlKitMode.Require : SqlKitMode.Ignore, datasets)
    {
        if (kit)
        {
            Array.ForEach(Tables, static table => table.EnableKit());
        }
    }

    /// <param name="kit">How the engines look for the SQL kit, which no table has yet.</param>
    /// <param name="datasets">The datasets, parents first.</param>
    public TwoWayHarness(SqlKitMode kit, params Dataset[] datasets)
    {
        _kit = kit;
        Datasets = datasets;
        Server = new PostgrestDouble(_time);
        _http = new HttpMessageInvoker(Server, disposeHandler: false);
        Tables = [.. datasets.Select(Server.AddTable)];
        Options = NewOptions(PostgrestDouble.Url);
        foreach (var dataset in datasets)
        {
            Store.PrepareAsync(dataset, CancellationToken.None).AsTask().Wait();
        }
    }

    public FakeTimeProvider Time => _time;

    public PostgrestDouble Server { get; }

    public Dataset[] Datasets { get; }

    public PostgrestTable[] Tables { get; }

    public InMemoryTransactionalStore Store { get; } = new();

    public SyncOptions Options { get; }

    /// <summary>Gets or sets how work is started: at once on the caller's thread unless a test says otherwise.</summary>
    public WorkScheduler Work { get; set; } = new InlineWork();

    public RecordingProgress Progress { get; } = new();

    public string User { get; set; } = "user";

    /// <summary>Gets the engine, made with the options as they are at the first look.</summary>
    public SyncEngine Engine => _engine ??= NewEngine(Options);

    /// <summary>Returns an engine on the same store for another project.</summary>
    public SyncEngine OfProject(Uri url) => NewEngine(NewOptions(url));

    public Task<SyncResult> SyncAsync(SyncDirection direction = SyncDirection.Both) =>
        Engine.SyncAsync(new SyncRequest { Direction = direction }, Progress, TestContext.Current.CancellationToken);

    public async Task<IReadOnlyList<LocalChange>> ChangesAsync(int dataset = 0) =>
        await Store.ListChangesAsync(Datasets[dataset], null, 0, int.MaxValue, TestContext.Current.CancellationToken);

    /// <summary>Does something once, while the first request that fits is on its way: the app edits when the engine least expects it.</summary>
    public void During(Func<RecordedRequest, bool> fits, Action edit)
    {
        var isDone = false;
        Server.Responder = request =>
        {
            if (!isDone && fits(request))
            {
                isDone = true;
                edit();
            }

            return null;
        };
    }

    public void Dispose()
    {
        _engines.ForEach(static engine => engine.Dispose());
        _http.Dispose();
        Server.Dispose();
    }

    private SyncOptions NewOptions(Uri url)
    {
        var options = new SyncOptions
        {
            Url = url,
            ApiKey = PostgrestDouble.ApiKey,
            AccessTokenProvider = (_, _) => ValueTask.FromResult<AccessToken?>(new AccessToken(Server.CreateToken(User))),
            SqlKit = _kit,
        };
        Array.ForEach(Datasets, options.Datasets.Add);
        return options;
    }

    private SyncEngine NewEngine(SyncOptions options)
    {
        var seams = new EngineSeams { Time = _time, Work = Work, WorkingSet = static () => 1 };
        var limiter = new UserRateLimiter(options.RateLimit, _time);
        var engine = new SyncEngine(options, Store, Store, _http, limiter, NullLoggerFactory.Instance, meters: null, seams);
        _engines.Add(engine);
        return engine;
    }
}
