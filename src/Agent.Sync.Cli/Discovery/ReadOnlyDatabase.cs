using System.Data;
using Agent.Sync.Cli.Commands;
using Agent.Sync.Cli.Events;
using Npgsql;

namespace Agent.Sync.Cli.Discovery;

/// <summary>Reads a database in one transaction that cannot write.</summary>
internal static class ReadOnlyDatabase
{
    /// <exception cref="UsageException">The database cannot be reached or read.</exception>
    public static async Task<T> ReadAsync<T>(string address, Func<NpgsqlConnection, NpgsqlTransaction, Task<T>> read, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = new NpgsqlConnection(DatabaseAddress.ToConnectionString(address));
            await connection.OpenAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
            await using (var command = new NpgsqlCommand("set transaction read only", connection, transaction))
            {
                await command.ExecuteNonQueryAsync(cancellationToken);
            }

            return await read(connection, transaction);
        }
        catch (NpgsqlException exception)
        {
            throw new UsageException($"The database cannot be read: {exception.InnerException?.Message ?? exception.Message}. Look at the address in --from or {ProjectOptions.AddressVariable}: postgresql://user:password@host:5432/database.");
        }
    }
}
