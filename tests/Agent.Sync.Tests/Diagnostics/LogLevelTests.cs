using Agent.Sync.Testing;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.Tests.Diagnostics;

/// <summary>R12: detail at debug level, and nothing of it written when that is off.</summary>
public sealed class LogLevelTests
{
    [Fact]
    public async Task Sync_DebugOff_WritesNothingPerPage()
    {
        var log = new CountingLog(LogLevel.Information);

        await PullAsync(log);

        Assert.Equal(0, log.Entries.Count(static level => level < LogLevel.Information));
        Assert.InRange(log.Entries.Count, 1, 8);
    }

    [Fact]
    public async Task Sync_NothingMoved_WritesNothingAboveDebug()
    {
        var log = new CountingLog(LogLevel.Debug);

        await PullAsync(log, thenIdle: true);

        Assert.NotEmpty(log.Entries);
        Assert.All(log.Entries, static level => Assert.Equal(LogLevel.Debug, level));
    }

    [Fact]
    public async Task Sync_DebugOn_WritesEveryPage()
    {
        var log = new CountingLog(LogLevel.Debug);

        await PullAsync(log);

        Assert.True(log.Entries.Count(static level => level == LogLevel.Debug) >= 10, "Ten pages leave at least ten entries.");
    }

    private static async Task PullAsync(CountingLog log, bool thenIdle = false)
    {
        var dataset = SampleDatasets.Of("artifacts").Build();
        var server = new PostgrestDouble(new VirtualTimeProvider());
        var table = server.AddTable(dataset);
        for (var row = 0; row < 100; row++)
        {
            table.Insert($$"""{"id":{{row}}}""");
        }

        await using var engine = new SyncEngineBuilder()
            .Configure(options =>
            {
                options.Url = PostgrestDouble.Url;
                options.ApiKey = PostgrestDouble.ApiKey;
                options.AccessTokenProvider = (_, _) => ValueTask.FromResult<AccessToken?>(new AccessToken(server.CreateToken("user")));
                options.Datasets.Add(dataset);
                options.PageSize = 10;

                // The process runs other tests beside this one.
                options.MemoryLimit = long.MaxValue;
            })
            .UseLocalStore(new InMemoryTransactionalStore())
            .UseHttpMessageHandler(server)
            .UseLoggerFactory(log)
            .Build();
        var result = await engine.SyncAsync();
        Assert.Equal(100, result.Applied);
        if (thenIdle)
        {
            log.Entries.Clear();
            Assert.Equal(0, (await engine.SyncAsync()).Applied);
        }
    }

    private sealed class CountingLog(LogLevel lowest) : ILoggerFactory, ILogger
    {
        public List<LogLevel> Entries { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= lowest;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (Entries)
            {
                Entries.Add(logLevel);
            }
        }

        public void Dispose()
        {
        }
    }
}
