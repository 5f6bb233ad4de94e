using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agent.Sync.ShapeTests.Oracles;
using Agent.Sync.ShapeTests.Shapes;
using BackendHost;
using Npgsql;

namespace Agent.Sync.ShapeTests.Servers;

/// <summary>A shape's tables in PostgreSQL, behind the local backend. Devices are told apart by a claim of their tokens.</summary>
internal sealed class PostgreSqlServer : IShapeServer
{
    private static readonly TimeSpan TokenLife = TimeSpan.FromHours(6);

    private readonly ShapeBackend _backend;
    private readonly Shape _shape;
    private readonly Guid _owner = Guid.NewGuid();
    private long _firstEntry;

    private PostgreSqlServer(ShapeBackend backend, Shape shape)
    {
        _backend = backend;
        _shape = shape;
    }

    public Uri Url => _backend.Host.Url;

    public string ApiKey => _backend.Host.PublishableKey;

    /// <summary>Takes the shape's tables, without the rows of an earlier run of it.</summary>
    public static async Task<PostgreSqlServer> OpenAsync(ShapeBackend backend, Shape shape)
    {
        var server = new PostgreSqlServer(backend, shape);
        foreach (var table in shape.Tables.Reverse())
        {
            await backend.RunAsync($"delete from {Sql.Name(table)}");
        }

        await using var command = backend.Database.CreateCommand($"select coalesce(max(seq), 0) from {Sql.Audit}.entries");
        server._firstEntry = (long)(await command.ExecuteScalarAsync())!;
        return server;
    }

    public AccessToken TokenOf(int device) => new(TokenMint.Mint(
        _backend.Host.JwtSecret, _owner, TimeProvider.System.GetUtcNow() + TokenLife, claims: new JsonObject { ["device"] = device.ToString(CultureInfo.InvariantCulture) }));

    public HttpMessageHandler HandlerOf(int device) => new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionIdleTimeout = TimeSpan.FromSeconds(2) };

    public async Task<bool> WriteAsync(IReadOnlyList<RowWrite> writes)
    {
        try
        {
            // Several statements in one command are one transaction.
            await _backend.RunAsync(string.Concat(writes.Select(write => Sql.Write(write, _owner))));
            return true;
        }
        catch (PostgresException)
        {
            return false;
        }
    }

    public async Task<bool> AcceptsAsync(RowWrite write)
    {
        await using var connection = await _backend.Database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        try
        {
            await using var command = new NpgsqlCommand(Sql.Write(write, _owner) + "set constraints all immediate", connection, transaction);
            await command.ExecuteNonQueryAsync();
            return true;
        }
        catch (PostgresException)
        {
            return false;
        }
    }

    public async Task<IReadOnlyList<Row>> ReadAsync(ShapeTable table)
    {
        await using var command = _backend.Database.CreateCommand($"select to_json(shape_row)::text from {Sql.Name(table)} shape_row where owner_id = '{_owner}'");
        await using var reader = await command.ExecuteReaderAsync();
        List<Row> rows = [];
        while (await reader.ReadAsync())
        {
            rows.Add(RowJson.Read(table, reader.GetString(0)));
        }

        return rows;
    }

    public async Task<IReadOnlyList<AuditEntry>> AuditAsync()
    {
        await using var command = _backend.Database.CreateCommand(
            $"select seq, table_name, device, old_row::text, new_row::text from {Sql.Audit}.entries where seq > {_firstEntry.ToString(CultureInfo.InvariantCulture)} and table_name = any ($1) order by seq");
        command.Parameters.Add(new NpgsqlParameter { Value = _shape.Tables.Select(static table => table.Name).ToArray() });
        await using var reader = await command.ExecuteReaderAsync();
        List<AuditEntry> entries = [];
        while (await reader.ReadAsync())
        {
            var table = _shape.Tables.First(item => item.Name == reader.GetString(1));
            var old = reader.IsDBNull(3) ? null : RowJson.Read(table, reader.GetString(3));
            var now = reader.IsDBNull(4) ? null : RowJson.Read(table, reader.GetString(4));
            entries.Add(new AuditEntry(reader.GetInt64(0), reader.GetInt32(2), table.Name, (now ?? old)!.KeyOf(table)!, old, now));
        }

        return entries;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
