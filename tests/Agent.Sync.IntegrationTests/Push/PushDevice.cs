using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using Agent.Sync.Testing;

namespace Agent.Sync.IntegrationTests.Push;

/// <summary>A device whose rows are in memory, for what is between the engine and the server.</summary>
internal sealed class PushDevice : IAsyncDisposable
{
    private readonly Backend _backend;
    private readonly Device _device;
    private readonly ISyncEngine _engine;

    private PushDevice(Backend backend, TestUser user, bool kit, Action<SyncOptions>? configure = null)
    {
        _backend = backend;
        _device = new Device(backend, user, Dataset)
        {
            Configure = options =>
            {
                options.SqlKit = kit ? SqlKitMode.Require : SqlKitMode.Ignore;
                configure?.Invoke(options);
            },
        };
        _engine = _device.Build(builder => builder.UseLocalStore(Store));
    }

    /// <summary>Gets the artifacts, of which real deletes are wanted here.</summary>
    public static Dataset Dataset { get; } = Dataset.Define("artifacts")
        .Key("id", ColumnType.Uuid)
        .Column("project_id", ColumnType.Uuid)
        .Column("type", ColumnType.Text)
        .Column("name", ColumnType.Text)
        .Column("metadata", ColumnType.Json)
        .Column("size", ColumnType.Integer)
        .Column("price", ColumnType.Numeric)
        .Version("version")
        .UpdatedAt("updated_at")
        .Build();

    public InMemoryTransactionalStore Store { get; } = new();

    /// <summary>Makes a device and syncs it once, as an app does before its user edits anything.</summary>
    public static async Task<PushDevice> CreateAsync(Backend backend, TestUser user, bool kit, Action<SyncOptions>? configure = null)
    {
        var device = new PushDevice(backend, user, kit, configure);
        await device.SyncAsync();
        return device;
    }

    public async Task<DatasetResult> SyncAsync() =>
        (await _engine.SyncAsync(cancellationToken: TestContext.Current.CancellationToken)).Datasets[0];

    public void Insert(Guid id, string name, string more = "") =>
        Store.Insert(Dataset, $$"""{"id":"{{id}}","type":"note","name":"{{name}}","metadata":{"a":[1.50,"x"]}{{more}}}""");

    public void Update(Guid id, string name) => Store.Update(Dataset, $$"""{"name":"{{name}}"}""", id.ToString());

    public void Delete(Guid id) => Store.Delete(Dataset, id.ToString());

    public async Task<IReadOnlyList<LocalChange>> ChangesAsync()
    {
        var changes = new List<LocalChange>();
        await foreach (var change in _engine.ReadChangesAsync("artifacts", cancellationToken: TestContext.Current.CancellationToken))
        {
            changes.Add(change);
        }

        return changes;
    }

    /// <summary>Returns a row's name on the server, or null.</summary>
    public async Task<string?> NameAsync(Guid id)
    {
        var rows = await _backend.SqlAsync($"select name from public.artifacts where id = '{id}'");
        return rows.Count == 0 ? null : rows[0].GetProperty("name").GetString();
    }

    public async ValueTask DisposeAsync()
    {
        await ((IAsyncDisposable)_engine).DisposeAsync();
        await _device.DisposeAsync();
    }
}
