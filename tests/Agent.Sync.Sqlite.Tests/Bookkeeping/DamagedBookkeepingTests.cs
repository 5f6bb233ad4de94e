using Agent.Sync.Stores;
using Microsoft.Data.Sqlite;

namespace Agent.Sync.Sqlite.Tests.Bookkeeping;

/// <summary>Whatever stands in the bookkeeping, nothing comes out of the store but answers and the library's own failures.</summary>
public sealed class DamagedBookkeepingTests : StoreTest
{
    private static readonly string[] Values = ["NULL", "x'00'", "-1", "9223372036854775807"];

    private readonly List<string> _foreign = [];

    [Theory]
    [InlineData("DELETE FROM agent_sync_meta WHERE name = 'store_id'")]
    [InlineData("UPDATE agent_sync_meta SET value = x'0102' WHERE name = 'store_id'")]
    [InlineData("UPDATE agent_sync_meta SET value = 'text of 16 chars' WHERE name = 'store_id'")]
    [InlineData("UPDATE agent_sync_meta SET value = NULL WHERE name = 'store_id'")]
    public async Task Prepare_StoreIdDamaged_SaysHowToGoOnAndThatWorks(string damage)
    {
        await StartAsync(Notes, Note(1, "a"));
        Execute("UPDATE notes SET body = 'mine'");
        Execute(damage);

        var exception = await Assert.ThrowsAsync<SyncStoreException>(async () => await Store.PrepareAsync(Notes, Token));

        Assert.Equal(SyncErrorKind.StoreFailed, exception.Kind);
        const string Remedy = "INSERT OR REPLACE INTO agent_sync_meta (name, value) VALUES ('store_id', randomblob(16))";
        Assert.Contains(Remedy, exception.Message, StringComparison.Ordinal);
        Execute(Remedy);
        Assert.NotEqual(Guid.Empty, (await Store.PrepareAsync(Notes, Token)).StoreId);
        Assert.Equal(1, (await Store.CountChangesAsync(Notes, Token)).Waiting);
    }

    [Theory]
    [InlineData("x'01'")]
    [InlineData("'text'")]
    [InlineData("NULL")]
    public async Task GetOrCreateKey_KeyDamaged_SaysHowToGoOnAndThatWorks(string value)
    {
        await Store.GetOrCreateKeyAsync(Token);
        Execute($"UPDATE agent_sync_meta SET value = {value} WHERE name = 'key'");

        var exception = await Assert.ThrowsAsync<SyncStoreException>(async () => await Store.GetOrCreateKeyAsync(Token));

        const string Remedy = "DELETE FROM agent_sync_meta WHERE name = 'key'";
        Assert.Contains(Remedy, exception.Message, StringComparison.Ordinal);
        Execute(Remedy);
        Assert.Equal(32, (await Store.GetOrCreateKeyAsync(Token)).Length);
    }

    [Theory]
    [InlineData("process_id = 99999999999")]
    [InlineData("process_id = 'x'")]
    [InlineData("process_started = 1.5")]
    [InlineData("instance = 'x'")]
    [InlineData("instance = NULL")]
    [InlineData("expires_at = 9223372036854775807")]
    [InlineData("expires_at = -1")]
    [InlineData("expires_at = 'x'")]
    public async Task AcquireLease_HolderThatCannotBeRead_IsHeldUntilItLapses(string damage)
    {
        await Store.PrepareAsync(Notes, Token);
        await AskAsync(1, TimeSpan.Zero);
        Execute($"UPDATE agent_sync_lease SET {damage}");

        var held = await AskAsync(2, TimeSpan.Zero);
        var lapsed = await AskAsync(2, TimeSpan.FromSeconds(31));

        Assert.Null(held.Fence);
        Assert.NotNull(lapsed.Fence);
    }

    [Fact]
    public async Task EveryCall_AnyValueOfTheBookkeepingDamaged_AnswersOrFailsTyped()
    {
        var damages = await DamagesAsync();
        Assert.True(damages.Count > 100, "There are more columns than that.");
        foreach (var damage in damages)
        {
            await TryAllAsync(damage);
        }

        Assert.Empty(_foreign);
    }

    /// <summary>Makes a file with something in every table, and lists what may be wrong in it.</summary>
    private async Task<List<string>> DamagesAsync()
    {
        await StartAsync(Notes, Note(1, "a"), Note(2, "b"), Note(3, "c"), Note(4, "d"));
        await Store.GetOrCreateKeyAsync(Token);
        Execute("UPDATE notes SET body = 'mine' WHERE id = 1; DELETE FROM notes WHERE id = 2; INSERT INTO notes (id, body) VALUES (9, 'new')");
        using (await Store.TakeAsync(new TakeRequest(Notes, ChangePart.Writes, 0, 1, int.MaxValue, WholeRows: false, null), Token))
        {
            Execute("UPDATE notes SET body = 'again' WHERE id = 1; UPDATE notes SET body = 'mine' WHERE id = 3");
        }

        await ApplyAsync(Store, Notes, 1, Note(4, "d2", "2026-02-01T00:00:00+00:00"));
        Execute($"INSERT INTO agent_sync_checkpoint (slot, revision, content) VALUES ('{CheckpointId.For(Notes).Id}', 1, x'0102')");
        await AskAsync(1, TimeSpan.Zero);
        await Store.DisposeAsync();

        using var connection = Connect();
        var damages = new List<string>();
        foreach (var table in Read(connection, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'agent\\_sync\\_%' ESCAPE '\\'"))
        {
            damages.Add($"DELETE FROM \"{table}\"");
            damages.Add($"DROP TABLE \"{table}\"");
            foreach (var column in Read(connection, $"SELECT name FROM pragma_table_info('{table}')"))
            {
                damages.AddRange(Values.Select(value => $"UPDATE OR IGNORE \"{table}\" SET \"{column}\" = {value}"));
            }
        }

        return damages;
    }

    private async Task TryAllAsync(string damage)
    {
        var path = Path.Combine(DirectoryPath, "damaged.db");
        File.Copy(FilePath, path, overwrite: true);
        using (var connection = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are the tests' own.
            command.CommandText = "PRAGMA synchronous = OFF; " + damage;
#pragma warning restore CA2100
            try
            {
                command.ExecuteNonQuery();
            }
            catch (SqliteException)
            {
                // The table's own rules do not let it in.
                return;
            }
        }

        using var store = OpenStore(options =>
        {
            options.DatabasePath = path;
            options.Synchronous = SqliteSynchronous.Normal;
        });
        var slot = CheckpointId.For(Notes);
        var taken = new List<PendingChange>();
        await TryAsync(damage, "count", async () => await store.CountChangesAsync(Notes, Token));
        await TryAsync(damage, "prepare", async () => await store.PrepareAsync(Notes, Token));
        await TryAsync(damage, "read", async () => await store.ReadAsync(slot, Token));
        await TryAsync(damage, "key", async () => await store.GetOrCreateKeyAsync(Token));
        await TryAsync(damage, "list", async () => await store.ListChangesAsync(Notes, null, 0, 100, Token));
        foreach (var part in new[] { ChangePart.Writes, ChangePart.Deletes })
        {
            await TryAsync(damage, "take", async () =>
            {
                using var batch = await store.TakeAsync(new TakeRequest(Notes, part, 0, 100, int.MaxValue, WholeRows: false, null), Token);
                taken.AddRange(batch.Changes.ToArray());
            });
        }

        await TryAsync(damage, "images", async () => await store.ReadRowsAsync(Notes, taken.FirstOrDefault().Id, Token));
        foreach (var kind in new[] { SettlementKind.Acknowledge, SettlementKind.Return })
        {
            await TryAsync(damage, "settle", async () => await store.SettleAsync(
                new SettlementBatch(Notes, [.. taken.Select(change => new Settlement(change.Id, change.OperationId, kind))], DateTimeOffset.UnixEpoch, null), Token));
        }

        await TryAsync(damage, "retry", async () => await store.RetryChangesAsync(Notes, null, Token));
        await TryAsync(damage, "discard", async () => await store.DiscardChangesAsync(Notes, null, Token));
        await TryAsync(damage, "acquire", async () => await store.AcquireLeaseAsync(Request(2, TimeSpan.FromMinutes(1)), Token));
        await TryAsync(damage, "write", async () => await store.WriteAsync(new CheckpointWrite(slot, new byte[] { 1 }, 1, new Fence(2)), Token));
        await TryAsync(damage, "apply", async () => await ApplyAsync(store, Notes, 1, Note(1, "z", "2026-03-01T00:00:00+00:00"), Note(5, "e")));
        await TryAsync(damage, "swap", async () => await store.SwapGenerationAsync(new GenerationSwap(Notes, 1, 1, null), Token));
        await TryAsync(damage, "clear", async () => await store.ClearAsync(slot, new Fence(2), Token));
        await TryAsync(damage, "release", async () => await store.ReleaseLeaseAsync(slot, new Fence(2), Token));
    }

    private async Task TryAsync(string damage, string call, Func<Task> work)
    {
        var exception = await Record.ExceptionAsync(work);
        if (exception is not (null or SyncException))
        {
            _foreign.Add($"{call} after {damage}: {exception.GetType().Name} {exception.StackTrace?.Split('\n').FirstOrDefault(static line => line.Contains("Agent.Sync", StringComparison.Ordinal))}");
        }
    }

    private static List<string> Read(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are the tests' own.
        command.CommandText = sql;
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        var found = new List<string>();
        while (reader.Read())
        {
            found.Add(reader.GetString(0));
        }

        return found;
    }

    private static LeaseRequest Request(int process, TimeSpan later) => new(
        CheckpointId.For(Notes), new LeaseOwner("machine", process, 1, new Guid(process, 0, 0, new byte[8])), DateTimeOffset.UnixEpoch + later, TimeSpan.FromSeconds(30), static _ => false);

    private async Task<LeaseAnswer> AskAsync(int process, TimeSpan later) => await Store.AcquireLeaseAsync(Request(process, later), Token);
}
