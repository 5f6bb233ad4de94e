using System.Text;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Stores;
using Agent.Sync.Testing;
using Microsoft.Data.Sqlite;

namespace Agent.Sync.Sqlite.Tests;

/// <summary>A file, a store on it, and short ways to say what a test is about.</summary>
public abstract class StoreTest : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly Lazy<SqliteStore> _store;

    protected StoreTest() => _store = new Lazy<SqliteStore>(() => OpenStore());

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Gets a dataset with a key, a cursor and a text: what most rules need.</summary>
    protected static Dataset Notes { get; } = SampleDatasets.Of("notes", "body").Build();

    protected string FilePath => _directory.File("app.db");

    protected string DirectoryPath => _directory.Path;

    protected SqliteStore Store => _store.Value;

    public virtual void Dispose()
    {
        if (_store.IsValueCreated)
        {
            _store.Value.Dispose();
        }

        _directory.Dispose();
        GC.SuppressFinalize(this);
    }

    internal static string Note(long id, string body, string updatedAt = "2026-01-01T00:00:00+00:00") =>
        $$"""{"id":{{id}},"body":"{{body}}","updated_at":"{{updatedAt}}"}""";

    internal SqliteStore OpenStore(Action<SqliteStoreOptions>? configure = null, SqliteHook? hook = null)
    {
        var options = new SqliteStoreOptions { DatabasePath = FilePath, BusyTimeout = TimeSpan.Zero };
        configure?.Invoke(options);
        return new SqliteStore(options, hook);
    }

    /// <summary>Begins an engine that syncs <see cref="Notes"/> with a server.</summary>
    protected static SyncEngineBuilder EngineOf(PostgrestDouble server) => new SyncEngineBuilder()
        .Configure(options =>
        {
            options.Url = PostgrestDouble.Url;
            options.ApiKey = PostgrestDouble.ApiKey;
            options.AccessTokenProvider = (_, _) => ValueTask.FromResult<AccessToken?>(new AccessToken(server.CreateToken("user")));
            options.Datasets.Add(Notes);
        })
        .UseHttpMessageHandler(server);

    protected static Page PageOf(Dataset dataset, params string[] rows) =>
        Page.Parse(dataset, Encoding.UTF8.GetBytes($"[{string.Join(',', rows)}]"));

    protected static async Task<ApplyResult> ApplyAsync(SqliteStore store, Dataset dataset, long? generation, params string[] rows)
    {
        using var page = PageOf(dataset, rows);
        return await store.ApplyAsync(new ApplyBatch(dataset, [page], Checkpoint: null, generation), Token);
    }

    protected Task<ApplyResult> ApplyAsync(Dataset dataset, params string[] rows) => ApplyAsync(Store, dataset, null, rows);

    /// <summary>Prepares the dataset and applies rows of it.</summary>
    protected async Task<ApplyResult> StartAsync(Dataset dataset, params string[] rows)
    {
        await Store.PrepareAsync(dataset, Token);
        return await ApplyAsync(dataset, rows);
    }

    /// <summary>Opens a connection as an app does: none of the store's code is between.</summary>
    protected SqliteConnection Connect()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = FilePath, Pooling = false, DefaultTimeout = 1 }.ToString());
        connection.Open();
        return connection;
    }

    protected void Execute(string sql)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are the tests' own.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    protected object? Scalar(string sql, params (string Name, object Value)[] parameters)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are the tests' own.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command.ExecuteScalar();
    }

    /// <summary>Returns a note's body, or null when it is not there.</summary>
    protected string? BodyOf(long id) => (string?)Scalar("SELECT body FROM notes WHERE id = $id", ("$id", id));

    protected long CountNotes() => (long)Scalar("SELECT count(*) FROM notes")!;

    /// <summary>Takes the lease of the dataset's slot.</summary>
    protected async Task<Fence> LeaseAsync(Dataset dataset)
    {
        var owner = new LeaseOwner("machine", 1, 1, Guid.NewGuid());
        var answer = await Store.AcquireLeaseAsync(
            new LeaseRequest(CheckpointId.For(dataset), owner, DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(30), static _ => true), Token);
        return answer.Fence!.Value;
    }
}
