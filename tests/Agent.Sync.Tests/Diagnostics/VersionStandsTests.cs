using Agent.Sync.Testing;
using Agent.Sync.Tests.Fakes;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.Tests.Diagnostics;

/// <summary>A server that moves the cursor of a row but not its version: no change is lost, and the run says so once.</summary>
public sealed class VersionStandsTests
{
    private const string Event = "2015 ";

    [Fact]
    public async Task Sync_VersionStandsWhileTheCursorMoves_TakesTheChangeAndSaysSoOnce()
    {
        var log = await SyncTwiceAsync(static table =>
        {
            table.Update("""{"body":"new"}""", "1");
            table.Update("""{"body":"new"}""", "2");
        });

        Assert.Single(log, static line => line.StartsWith(Event, StringComparison.Ordinal) && line.Contains("'version'", StringComparison.Ordinal) && line.Contains("'updated_at'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sync_VersionMoves_SaysNothing()
    {
        var log = await SyncTwiceAsync(static table =>
        {
            table.Update("""{"body":"new","version":2}""", "1");
            table.Update("""{"body":"new","version":2}""", "2");
        });

        Assert.DoesNotContain(log, static line => line.StartsWith(Event, StringComparison.Ordinal));
    }

    private static async Task<IReadOnlyList<string>> SyncTwiceAsync(Action<PostgrestTable> write)
    {
        var dataset = SampleDatasets.Versioned("notes", "body").Build();
        var time = new VirtualTimeProvider();
        using var server = new PostgrestDouble(time);

        // To this server the version is a column like any other.
        var table = server.AddTable(Dataset.Define("notes").Key("id", ColumnType.Integer).Column("body", ColumnType.Text).Column("version", ColumnType.Integer).UpdatedAt("updated_at").Build());
        table.Insert("""{"id":1,"body":"old","version":1}""");
        table.Insert("""{"id":2,"body":"old","version":1}""");
        var store = new InMemoryTransactionalStore();
        using var log = new Loggers();
        await using var engine = new SyncEngineBuilder()
            .Configure(options =>
            {
                options.Url = PostgrestDouble.Url;
                options.ApiKey = PostgrestDouble.ApiKey;
                options.AccessTokenProvider = (_, _) => ValueTask.FromResult<AccessToken?>(new AccessToken(server.CreateToken("user")));
                options.Datasets.Add(dataset);
                options.PageSize = 1;
            })
            .UseLocalStore(store)
            .UseHttpMessageHandler(server)
            .UseLoggerFactory(log)
            .Build();
        await engine.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromSeconds(1));
        write(table);

        Assert.Equal(2, (await engine.SyncAsync(cancellationToken: TestContext.Current.CancellationToken)).Applied);
        Assert.Equal(0, (await engine.SyncAsync(cancellationToken: TestContext.Current.CancellationToken)).Applied);
        Assert.All(store.GetRows("notes"), static row => Assert.Contains("\"new\"", row, StringComparison.Ordinal));
        return log.Log.Lines;
    }

    private sealed class Loggers : ILoggerFactory
    {
        public ListLog Log { get; } = new();

        public ILogger CreateLogger(string categoryName) => Log;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
