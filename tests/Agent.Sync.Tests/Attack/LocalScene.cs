using Agent.Sync.Sqlite;
using Agent.Sync.Testing;
using Agent.Sync.Tests.Fakes;
using Agent.Sync.Tests.Files;
using Microsoft.Data.Sqlite;

namespace Agent.Sync.Tests.Attack;

/// <summary>A device whose SQLite file is attacked between two starts of the app. The server is honest.</summary>
internal sealed class LocalScene : IDisposable
{
    private static readonly TimeSpan Hangs = TimeSpan.FromSeconds(60);
    private static readonly Dataset Dataset = SampleDatasets.Versioned("items", "name").Build();

    private readonly SkippingTime _time = new(Items.Noon);
    private readonly TemporaryDirectory _folder = new();
    private readonly PostgrestDouble _double;

    public LocalScene()
    {
        _double = new PostgrestDouble(_time);
        var table = _double.AddTable(Dataset);
        for (var id = 1; id <= 5; id++)
        {
            table.Insert($$"""{"id":{{id}},"name":"{{Exchange.Canary}} {{id}}"}""");
        }

        Directory.CreateDirectory(_folder.Path);
    }

    public string DatabasePath => Path.Combine(_folder.Path, "rows.db");

    /// <summary>Syncs, and leaves an edit that waits and one in quarantine.</summary>
    public async Task FillAsync()
    {
        await using var engine = Open();
        await engine.SyncAsync(new SyncRequest(), cancellationToken: TestContext.Current.CancellationToken);
        Execute("insert into items (id, name) values (7, 'mine')");
        Execute("update items set name = 'mine' where id = 1");
        Execute("delete from items where id = 2");
        _double.Responder = static request => request.Method == "PATCH" ? new ScriptedResponse { Status = System.Net.HttpStatusCode.BadRequest, Code = "22P02" } : null;
        await engine.SyncAsync(new SyncRequest(), cancellationToken: TestContext.Current.CancellationToken);
        _double.Responder = null;
        Execute("insert into items (id, name) values (8, 'waits')");
    }

    /// <summary>Starts the app again and does everything that it may do. Every call ends well or in a typed failure.</summary>
    public Task UseAsync() => Task.Run(async () =>
    {
        SyncEngine? engine = null;
        if (await OnlyTyped.RunAsync(() => Task.FromResult(engine = Open())) is not null)
        {
            return;
        }

        await using var open = engine!;
        await OnlyTyped.RunAsync(() => open.GetStatusAsync());
        await OnlyTyped.RunAsync(async () =>
        {
            await foreach (var change in open.ReadChangesAsync("items"))
            {
                await OnlyTyped.RunAsync(() => open.ReadChangeRowsAsync("items", change.Id));
            }
        });
        await OnlyTyped.RunAsync(() => open.SyncAsync(new SyncRequest()));
        await OnlyTyped.RunAsync(() => open.SyncAsync(new SyncRequest { FullResync = true }));
        await OnlyTyped.RunAsync(() => open.RetryChangesAsync("items"));
        await OnlyTyped.RunAsync(() => open.SyncAsync(new SyncRequest { Direction = SyncDirection.Push }));
        await OnlyTyped.RunAsync(() => open.DiscardChangesAsync("items"));
        await OnlyTyped.RunAsync(() => open.ResetAsync("items"));
        await OnlyTyped.RunAsync(() => open.SyncAsync(new SyncRequest()));
    }).WaitAsync(Hangs, TimeProvider.System);

    public void Execute(string sql, params (string Name, object? Value)[] parameters)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        command.ExecuteNonQuery();
    }

    public IReadOnlyList<string> Texts(string sql)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var texts = new List<string>();
        while (reader.Read())
        {
            texts.Add(reader.GetString(0));
        }

        return texts;
    }

    public void Dispose()
    {
        _double.Dispose();
        _folder.Dispose();
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = DatabasePath, Pooling = false, ForeignKeys = false }.ToString());
        connection.Open();
        return connection;
    }

    private SyncEngine Open() => new SyncEngineBuilder()
        .Configure(options =>
        {
            options.Url = PostgrestDouble.Url;
            options.ApiKey = PostgrestDouble.ApiKey;
            options.AccessTokenProvider = (_, _) => ValueTask.FromResult<AccessToken?>(new AccessToken(_double.CreateToken("user")));
            options.SqlKit = SqlKitMode.Ignore;
            options.Retry.MaxRetries = 0;
        })
        .AddDataset(Dataset)
        .UseHttpMessageHandler(_double)
        .UseSqlite(DatabasePath, static options => options.Synchronous = SqliteSynchronous.Normal)
        .Build();
}
