using BenchmarkSuite.Measuring;
using Microsoft.Data.Sqlite;

namespace BenchmarkSuite.Peers;

/// <summary>A SQLite file, and a fresh process for each run.</summary>
internal sealed class FileStore(Peer peer, Server server, Uri url, string databaseUrl, string folder) : PeerStore(peer, server, url, databaseUrl, folder)
{
    public override Task<ProcessCost> PullAsync(int pageSize) => PeerProcess.RunAsync(Command(Peer.PullVerb, pageSize));

    public override Task<ProcessCost> PushAsync() => PeerProcess.RunAsync(Command(Peer.PushVerb));

    public override Task<bool> KillPullAsync(int pageSize, TimeSpan after) => PeerProcess.KillAsync(Command(Peer.PullVerb, pageSize), after);

    public override async Task EditAsync(EditKind kind, int count)
    {
        if (Peer.Edits is null)
        {
            await PeerProcess.RunAsync(Command($"edit-{kind}".ToLowerInvariant(), count: count));
            return;
        }

        await using var connection = await OpenAsync();
        await using var command = Command(connection, Peer.Edits.Text(Peer.LocalTable, kind, count));
        await command.ExecuteNonQueryAsync();
    }

    public override async Task<IReadOnlyDictionary<Guid, string>> ReadNamesAsync()
    {
        await using var connection = await OpenAsync();
        await using var command = Command(connection, $"select id, name from {Peer.LocalTable}");
        await using var reader = await command.ExecuteReaderAsync();
        Dictionary<Guid, string> names = [];
        while (await reader.ReadAsync())
        {
            names[reader.GetGuid(0)] = reader.GetString(1);
        }

        return names;
    }

    private async Task<SqliteConnection> OpenAsync()
    {
        SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = File, Pooling = false }.ToString());
        await connection.OpenAsync();
        return connection;
    }

    private static SqliteCommand Command(SqliteConnection connection, string text)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // The suite's own statements.
        command.CommandText = text;
#pragma warning restore CA2100
        return command;
    }
}
