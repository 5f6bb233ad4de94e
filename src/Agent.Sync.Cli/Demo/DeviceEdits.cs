using System.Globalization;
using Agent.Sync.Cli.Events;
using Microsoft.Data.Sqlite;

namespace Agent.Sync.Cli.Demo;

/// <summary>Edits the SQLite file as any app would: plain SQL on its own connection. Nothing here knows of the sync.</summary>
internal sealed class DeviceEdits(string database, Guid owner, TimeProvider time)
{
    /// <summary>A random uuid in the form in which the file keeps them.</summary>
    private const string NewId =
        "hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-8' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))";

    /// <summary>Makes the edits in one transaction.</summary>
    /// <returns>The rows of the story; null when the file has too few.</returns>
    public async Task<StoryRows> MakeAsync(BulkEdits bulk, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await using var transaction = connection.BeginTransaction();
        var rows = await ChooseAsync(connection, cancellationToken);
        await ExecuteAsync(
            connection,
            """
            insert into artifacts (id, owner_id, type, name, metadata, size, is_public)
                values ($added, $owner, 'note', $newName, '{"from":"the demo"}', 1, 0);
            update artifacts set name = $rename where id = $renamed;
            update artifacts set name = $ourName where id = $contested;
            update artifacts set size = -1 where id = $rejected;
            delete from artifacts where id = $removed;
            """,
            rows,
            bulk,
            cancellationToken);
        await ExecuteAsync(
            connection,
            $"""
            create temp table chosen as
                select id, row_number() over (order by id) as place from artifacts
                where id not in ($added, $renamed, $contested, $rejected) order by id limit $updates + $deletes;
            update artifacts set content = $rename where id in (select id from chosen where place <= $updates);
            delete from artifacts where id in (select id from chosen where place > $updates);
            drop table chosen;
            with recursive numbers (i) as (select 1 where $inserts > 0 union all select i + 1 from numbers where i < $inserts)
            insert into artifacts (id, owner_id, type, name, metadata, size, is_public)
                select {NewId}, $owner, 'note', $newName || ' ' || i, '{"{}"}', i, 0 from numbers;
            """,
            rows,
            bulk,
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return rows;
    }

    /// <summary>Reads a row's name as the file has it now; null when the row is gone.</summary>
    public async Task<string?> ReadNameAsync(string id, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "select name from artifacts where id = $id";
        command.Parameters.AddWithValue("$id", id);
        return (string?)await command.ExecuteScalarAsync(cancellationToken);
    }

    private async Task<StoryRows> ChooseAsync(SqliteConnection connection, CancellationToken cancellationToken)
    {
        // What an earlier run's rejected edit left is edited again: one such change is enough to see.
        await using var command = connection.CreateCommand();
        command.CommandText = "select id from artifacts order by size is -1 desc, id limit 4";
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<string> ids = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            ids.Add(reader.GetString(0));
        }

        if (ids.Count < 4)
        {
            throw new UsageException($"The file has only {ids.Count} artifacts, too few to edit: start over with --fresh.");
        }

        var stamp = time.GetLocalNow().ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        return new StoryRows(ids[0], ids[1], ids[2], ids[3], Guid.NewGuid().ToString().ToUpperInvariant(), stamp);
    }

    private async Task ExecuteAsync(SqliteConnection connection, string sql, StoryRows rows, BulkEdits bulk, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        var values = command.Parameters;
        values.AddWithValue("$added", rows.Added);
        values.AddWithValue("$renamed", rows.Renamed);
        values.AddWithValue("$contested", rows.Contested);
        values.AddWithValue("$rejected", rows.Rejected);
        values.AddWithValue("$removed", rows.Removed);
        values.AddWithValue("$owner", owner.ToString().ToUpperInvariant());
        values.AddWithValue("$newName", rows.NewName);
        values.AddWithValue("$rename", rows.Rename);
        values.AddWithValue("$ourName", rows.OurName);
        values.AddWithValue("$inserts", bulk.Inserts);
        values.AddWithValue("$updates", bulk.Updates);
        values.AddWithValue("$deletes", bulk.Deletes);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<SqliteConnection> OpenAsync(CancellationToken cancellationToken)
    {
        SqliteConnection connection = new($"Data Source={database};Mode=ReadWrite;Pooling=False");
        await connection.OpenAsync(cancellationToken);
        return connection;
    }
}
