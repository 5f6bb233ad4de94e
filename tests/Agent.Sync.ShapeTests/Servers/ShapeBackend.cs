using Agent.Sync.ShapeTests.Shapes;
using BackendHost;
using Npgsql;

namespace Agent.Sync.ShapeTests.Servers;

/// <summary>The local backend with the tables of every PostgreSQL shape that this process runs. The API reads the schema once, so they are made together.</summary>
public sealed class ShapeBackend : IAsyncLifetime
{
    private LocalBackendHost? _host;
    private NpgsqlDataSource? _database;

    internal LocalBackendHost Host => _host ?? throw new InvalidOperationException("The backend is not running.");

    /// <summary>Gets whether PostgreSQL is there; with the variable CI set the start fails without it.</summary>
    internal bool HasPostgreSql => Host.Mode == LocalBackendMode.PostgreSql;

    internal NpgsqlDataSource Database => _database ?? throw new InvalidOperationException("The backend is not running.");

    public async ValueTask InitializeAsync()
    {
        if (!ShapeSeeds.All.Any(ShapeGenerator.UsesPostgreSql))
        {
            return;
        }

        _host = await LocalBackendHost.StartAsync(new LocalBackendOptions());
        if (!HasPostgreSql)
        {
            return;
        }

        _database = new NpgsqlDataSourceBuilder(_host.DatabaseConnectionString + ";Timezone=UTC;Maximum Pool Size=20").Build();
        await RunAsync(Sql.Foundation);
        foreach (var seed in ShapeSeeds.All.Where(ShapeGenerator.UsesPostgreSql))
        {
            var shape = ShapeGenerator.Make(seed);
            try
            {
                await RunAsync(Sql.Create(shape));
            }
            catch (PostgresException exception)
            {
                throw new InvalidOperationException($"The tables of this shape cannot be made: {exception.MessageText}\n{shape}\n{Sql.Create(shape)}", exception);
            }
        }

        await _host.RestartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }

        if (_host is not null)
        {
            await _host.DisposeAsync();
        }
    }

    internal async Task RunAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
