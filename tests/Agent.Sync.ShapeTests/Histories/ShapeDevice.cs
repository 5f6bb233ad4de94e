using Agent.Sync.ShapeTests.Servers;
using Agent.Sync.ShapeTests.Shapes;
using Agent.Sync.Sqlite;

namespace Agent.Sync.ShapeTests.Histories;

/// <summary>One device: a SQLite file, what its app declares, and an engine for each call. The file is removed at the end.</summary>
internal sealed class ShapeDevice : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("agent-sync-shape-");
    private readonly Shape _shape;
    private readonly IShapeServer _server;
    private readonly HashSet<ShapeColumn> _left = [];
    private readonly Dictionary<(string Table, string Key), long> _held = [];

    public ShapeDevice(int number, Shape shape, IShapeServer server)
    {
        Number = number;
        _shape = shape;
        _server = server;
        Style = new Random((shape.Seed * 31) + number);
        File = new LocalFile(Path.Combine(_folder.FullName, "rows.db")) { EnforcesForeignKeys = Style.Chance(2), HasRecursiveTriggers = Style.Chance(4) };
        _left.UnionWith(shape.Tables.SelectMany(static table => table.Columns).Where(static column => column.IsDeclaredLate));
    }

    /// <summary>Gets the number, from 1.</summary>
    public int Number { get; }

    public LocalFile File { get; }

    /// <summary>Gets the server's last change that the device may have read.</summary>
    public long Known { get; private set; }

    /// <summary>Gets the columns that the app's own triggers write.</summary>
    public HashSet<(string Table, string Column)> Dressed { get; } = [];

    /// <summary>Gets whether uuids stand in the file as 16 bytes.</summary>
    public bool UuidBlobs => _shape.UuidBlobs && Number == 2;

    /// <summary>Gets whether keys may hold whatever text: the embedded server's parser of filters fails on some.</summary>
    public bool TakesHostileKeys => !_shape.IsPostgreSql;

    /// <summary>Gets or sets whether a run has ended well.</summary>
    public bool HasSynced { get; set; }

    /// <summary>Gets the tables that a migration of the app's has rebuilt, and with them the recording of edits.</summary>
    public HashSet<string> Rebuilt { get; } = [];

    /// <summary>Gets the tables that were rebuilt since the last run: what the app does there now, no trigger sees.</summary>
    public HashSet<string> Unrecorded { get; } = [];

    /// <summary>Gets what draws how the app uses SQLite: apart from the history, so that a seed's history does not depend on it.</summary>
    public Random Style { get; }

    /// <summary>Gets the tables that the app made without a rowid.</summary>
    public HashSet<string> WithoutRowid { get; } = [];

    /// <summary>Gets the rows that the app wrote, if only in columns that are not synced, by REPLACE, or in another form of the same value.</summary>
    public HashSet<(string Table, string Key)> Touched { get; } = [];

    /// <summary>Gets the rows whose edits nothing recorded, and which the user sent all the same: what they hold was asked for.</summary>
    public HashSet<(string Table, string Key)> Asked { get; } = [];

    /// <summary>Gets the columns that are declared since the last run: docs/local-store.md says that what they hold before the next one is no edit.</summary>
    public HashSet<ShapeColumn> Fresh { get; } = [];

    /// <summary>Takes down what the device may have read once a run is over.</summary>
    /// <param name="last">The server's last change.</param>
    /// <param name="unseen">The rows whose changes wait, or whose server's row is parked: what the server has of them is kept beside them, and the app does not see it.</param>
    public void Learn(long last, IEnumerable<(string Table, string Key)> unseen)
    {
        var held = unseen.Distinct().ToDictionary(static row => row, KnownOf);
        _held.Clear();
        foreach (var (row, known) in held)
        {
            _held[row] = known;
        }

        Known = last;
    }

    /// <summary>Returns the server's last change of a row that the device's app may have seen.</summary>
    public long KnownOf((string Table, string Key) row) => _held.GetValueOrDefault(row, Known);

    public bool Declares(ShapeColumn column) => column.Role != ColumnRole.Undeclared && !_left.Contains(column);

    public void Declare(ShapeColumn column)
    {
        _left.Remove(column);
        Fresh.Add(column);
    }

    /// <summary>Declares again what was left out in the course of the history.</summary>
    /// <returns>Whether there was anything.</returns>
    public bool DeclareAgain() => _left.RemoveWhere(static column => !column.IsDeclaredLate) > 0;

    public void LeaveOut(ShapeColumn column) => _left.Add(column);

    /// <summary>Runs an engine that lives as long as the call.</summary>
    public async Task<T> UseAsync<T>(KillSwitch kill, Func<ISyncEngine, Task<T>> use)
    {
        var store = new SqliteStore(new SqliteStoreOptions { DatabasePath = File.Path, Synchronous = SqliteSynchronous.Normal, UuidFormat = UuidBlobs ? SqliteUuidFormat.Blob : SqliteUuidFormat.Text });
        try
        {
            using var handler = new KillHandler(_server.HandlerOf(Number), kill);
            await using var engine = new SyncEngineBuilder().Configure(SetUp).UseHttpMessageHandler(handler).UseLocalStore(MortalStore.Around(store, kill)).Build();
            return await use(engine);
        }
        finally
        {
            await store.DisposeAsync();
            if (kill.IsDead)
            {
                // The next process is another one: this one's lease is void, as after a restart of the machine.
                await File.RunAsync([new LocalStatement("delete from agent_sync_lease")]);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.Yield();
        _folder.Delete(recursive: true);
    }

    private void SetUp(SyncOptions options)
    {
        options.Url = _server.Url;
        options.ApiKey = _server.ApiKey;
        options.AllowInsecureLoopback = true;
        options.AccessTokenProvider = (_, _) => ValueTask.FromResult<AccessToken?>(_server.TokenOf(Number));
        options.Retry.Delay = TimeSpan.FromMilliseconds(20);
        options.PageSize = _shape.PageSize;
        options.SqlKit = _shape.Kit ? SqlKitMode.Require : SqlKitMode.Ignore;
        options.Push.BatchRows = _shape.BatchRows;
        options.Push.MaxQuarantinedShare = 1;
        options.Push.ConflictPolicy = _shape.Policy;
        if (_shape.Policy == ConflictPolicy.Resolver)
        {
            options.Push.ConflictResolver = static (conflict, _) => ValueTask.FromResult(conflict.Local.Length % 2 == 0 ? ConflictDecision.LocalWins : ConflictDecision.ServerWins);
        }

        foreach (var table in _shape.Tables)
        {
            options.Datasets.Add(table.ToDataset(Declares));
        }
    }

    private sealed class KillHandler(HttpMessageHandler inner, KillSwitch kill) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            kill.SendAsync(() => base.SendAsync(request, cancellationToken));
    }
}
