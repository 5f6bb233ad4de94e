using System.Globalization;
using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Processes;

/// <summary>Edits a console's file as any app would: plain SQL on a connection of its own.</summary>
internal static class LocalEdits
{
    public static async Task RunAsync(string databasePath, string sql)
    {
        await using var connection = await LocalRows.OpenAsync(databasePath);
        await using var transaction = connection.BeginTransaction();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The tests' own statements.
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await transaction.CommitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Inserts artifacts of the user's, named after the first argument and a number from 1.</summary>
    public static Task InsertAsync(string databasePath, TestUser user, int count, string name = "made here") => RunAsync(
        databasePath,
        string.Create(CultureInfo.InvariantCulture, $$"""
            with recursive numbers (i) as (select 1 union all select i + 1 from numbers where i < {{count}}),
                ids (i, id) as materialized (select i, hex(randomblob(16)) from numbers)
            insert into artifacts (id, owner_id, type, name, metadata, size, is_public)
                select substr(id, 1, 8) || '-' || substr(id, 9, 4) || '-' || substr(id, 13, 4) || '-' || substr(id, 17, 4) || '-' || substr(id, 21),
                    '{{user.Id.ToString().ToUpperInvariant()}}', 'note', '{{name}} ' || i, '{}', i, 0 from ids
            """));
}
