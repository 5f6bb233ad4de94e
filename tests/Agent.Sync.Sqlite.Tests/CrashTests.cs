using Agent.Sync.Sqlite.Database;
using Agent.Sync.Stores;
using Microsoft.Data.Sqlite;

namespace Agent.Sync.Sqlite.Tests;

/// <summary>What a process leaves behind that is killed at a named point: the files as they are at that moment.</summary>
public sealed class CrashTests : StoreTest
{
    private const string Newer = "2026-02-01T00:00:00+00:00";

    private static readonly CheckpointId Slot = CheckpointId.For(Notes);

    [Fact]
    public async Task Apply_KilledAtAnyPoint_LeavesTheOldOrTheNewStateWhole()
    {
        var copies = new List<string>();
        await RunAsync(copies, async store =>
        {
            using var page = PageOf(Notes, Note(1, "new", Newer), Note(3, "new", Newer));
            await store.ApplyAsync(new ApplyBatch(Notes, [page], new CheckpointWrite(Slot, new byte[] { 2 }, 1, new Fence(1)), 5), Token);
        });

        var states = await ReadAllAsync(copies);

        Assert.Equal(["1=old 2=old @1", "1=new 2=old 3=new @2"], states.Distinct());
        Assert.True(states.Count > 5, "The apply has more points than that.");
    }

    [Fact]
    public async Task Edit_AfterAnApplyKilledAtAnyPoint_IsRecorded()
    {
        var copies = new List<string>();
        await RunAsync(copies, store => ApplyAsync(store, Notes, null, Note(1, "new", Newer), Note(3, "new", Newer)));

        foreach (var copy in copies)
        {
            using var connection = Open(copy);
            using var command = connection.CreateCommand();
            command.CommandText = "UPDATE notes SET body = 'mine' WHERE id = 2; SELECT group_concat(k_id || b_body) FROM agent_sync_outbox_notes";
            Assert.Equal("2old", command.ExecuteScalar());
        }

        Assert.True(copies.Count > 5, "The apply has more points than that.");
    }

    [Fact]
    public async Task Swap_KilledAtAnyPoint_LeavesTheOldOrTheNewStateWhole()
    {
        var copies = new List<string>();
        await RunAsync(copies, async store =>
        {
            await ApplyAsync(store, Notes, 5, Note(2, "old"));
            copies.Clear();
            await store.SwapGenerationAsync(new GenerationSwap(Notes, 5, 0.5, new CheckpointWrite(Slot, new byte[] { 2 }, 1, new Fence(1))), Token);
        });

        var states = await ReadAllAsync(copies);

        Assert.Equal(["1=old 2=old @1", "2=old @2"], states.Distinct());
    }

    [Fact]
    public async Task Prepare_KilledAtAnyPoint_IsPreparedByTheNextRun()
    {
        var copies = new List<string>();
        using (var store = OpenStore(hook: Copying(copies)))
        {
            await store.PrepareAsync(Notes, Token);
        }

        foreach (var copy in copies.Where(File.Exists))
        {
            using var next = OpenStore(options => options.DatabasePath = copy);
            await next.PrepareAsync(Notes, Token);
            Assert.Equal(1, (await ApplyAsync(next, Notes, null, Note(1, "a"))).Applied);
        }

        Assert.NotEmpty(copies);
    }

    [Fact]
    public async Task Apply_AnswerLostAfterTheCommit_FindsItAllThere()
    {
        var losing = false;
        using var store = OpenStore(hook: (point, _) => losing && point == SqlitePoint.AfterCommit ? throw new TimeoutException() : 0);
        await store.PrepareAsync(Notes, Token);
        losing = true;

        await Assert.ThrowsAsync<TimeoutException>(() => ApplyAsync(store, Notes, null, Note(1, "a")));
        losing = false;

        Assert.Equal(1, (await ApplyAsync(store, Notes, null, Note(1, "a"))).Unchanged);
    }

    private async Task RunAsync(List<string> copies, Func<SqliteStore, Task> work)
    {
        await StartAsync(Notes, Note(1, "old"), Note(2, "old"));
        var fence = await LeaseAsync(Notes);
        await Store.WriteAsync(new CheckpointWrite(Slot, new byte[] { 1 }, 0, fence), Token);
        using var store = OpenStore(hook: Copying(copies));
        await store.ReadAsync(Slot, Token);
        copies.Clear();
        await work(store);
    }

    private SqliteHook Copying(List<string> copies) => (_, _) =>
    {
        var copy = Path.Combine(DirectoryPath, $"copy-{Guid.NewGuid():N}.db");
        foreach (var suffix in new[] { string.Empty, "-wal" })
        {
            if (File.Exists(FilePath + suffix))
            {
                File.Copy(FilePath + suffix, copy + suffix);
            }
        }

        copies.Add(copy);
        return 0;
    };

    private static SqliteConnection Open(string copy)
    {
        var connection = new SqliteConnection($"Data Source={copy};Pooling=False");
        connection.Open();
        return connection;
    }

    private async Task<List<string>> ReadAllAsync(List<string> copies)
    {
        var states = new List<string>();
        foreach (var copy in copies)
        {
            using var store = OpenStore(options => options.DatabasePath = copy);
            var checkpoint = await store.ReadAsync(Slot, Token);
            store.Dispose();
            using var connection = Open(copy);
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT group_concat(id || '=' || body, ' ') FROM (SELECT * FROM notes ORDER BY id)";
            states.Add($"{command.ExecuteScalar()} @{checkpoint?.Revision}");
        }

        return states;
    }
}
