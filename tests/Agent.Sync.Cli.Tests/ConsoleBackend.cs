using BackendHost;
using Npgsql;

[assembly: AssemblyFixture(typeof(Agent.Sync.Cli.Tests.ConsoleBackend))]

namespace Agent.Sync.Cli.Tests;

/// <summary>One local backend for the tests that need a database: each gets one of its own, or tables of random names.</summary>
public sealed class ConsoleBackend : IAsyncLifetime
{
    /// <summary>The collection of the tests that use the API, one after the other: one of them restarts it.</summary>
    internal const string Api = "API";

    private LocalBackendHost? _host;
    private int _databases;

    /// <summary>Gets the backend. The calling test is skipped where it cannot be asked beside its API.</summary>
    public LocalBackendHost Host
    {
        get
        {
            Assert.SkipUnless(_host!.Mode == LocalBackendMode.PostgreSql, "Needs PostgreSQL: PGlite has one session, and the console asks beside the API.");
            return _host;
        }
    }

    public async ValueTask InitializeAsync() => _host = await LocalBackendHost.StartAsync(new LocalBackendOptions(), TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => _host!.DisposeAsync();

    /// <summary>Makes an empty database beside the backend's own, and returns how to reach it.</summary>
    internal async Task<string> CreateDatabaseAsync()
    {
        var name = $"test_{Interlocked.Increment(ref _databases)}";
        await RunAsync(Host.DatabaseConnectionString!, $"create database {name}");
        return new NpgsqlConnectionStringBuilder(Host.DatabaseConnectionString) { Database = name, Pooling = false }.ConnectionString;
    }

    internal static async Task RunAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    internal static async Task<List<string>> ReadAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        List<string> rows = [];
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            rows.Add(Convert.ToString(reader.GetValue(0), System.Globalization.CultureInfo.InvariantCulture)!);
        }

        return rows;
    }
}
