using System.Globalization;
using System.Text.Json;
using Agent.Sync.Sqlite.Tests.Outbox;
using Agent.Sync.Stores;
using Agent.Sync.Testing.Local;

namespace Agent.Sync.Sqlite.Tests.Applying;

/// <summary>The app's own unique indexes, constraints and triggers on a synced table: what the server committed is applied in any order, and what cannot be is parked.</summary>
public sealed class ParkingTests : OutboxTest
{
    private const string UniqueTitle = "CREATE UNIQUE INDEX u ON tasks (title)";

    private static readonly Dataset Sequenced = Tasks.Sequenced();

    private static readonly Dataset Gone = Sequenced.Tombstones("agent_sync", "tasks");

    public static TheoryData<string, int, string[]> Exchanges
    {
        get
        {
            string[][] changes =
            [
                [Task(1, "two", 2), Task(2, "one", 2)],
                [Task(1, "two", 2), Task(2, "three", 2), Task(3, "one", 2)],
                [Task(1, "two", 2), Task(2, "three", 2), Task(3, "four", 2)],
                [Task(3, "four", 2), Task(2, "three", 2), Task(1, "two", 2)],
                [Task(9, "one", 2), Task(1, "one", 2, isDeleted: true)],
                [Task(9, "one", 2), Task(1, "other", 2)],
            ];
            var cases = new TheoryData<string, int, string[]>();
            foreach (var index in new[] { "(title)", "(lower(title))", "(title COLLATE NOCASE)", "(title, id > 0) WHERE title > 'a'" })
            {
                foreach (var rows in changes)
                {
                    cases.Add(index, 1, rows);
                    cases.Add(index, 100, rows);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Exchanges))]
    public async Task Apply_UniqueValuesThatMoved_AreStoredInAnyOrder(string index, int perBatch, string[] rows)
    {
        var start = new[] { Task(1, "one"), Task(2, "two"), Task(3, "three") };
        Execute($"CREATE TABLE tasks (id INTEGER PRIMARY KEY, title TEXT NOT NULL, mine TEXT, deleted_at TEXT); CREATE UNIQUE INDEX u ON tasks {index}");
        await StartAsync(Tasks, start);
        Execute("UPDATE tasks SET mine = 'm' || id");

        foreach (var batch in rows.Chunk(perBatch))
        {
            await ApplyAsync(Tasks, batch);
        }

        Assert.Equal(RowsOf(start.Concat(rows)), Rows());
        Assert.Equal(0, await Store.CountParkedAsync(Tasks, Token));
        Assert.Equal(0L, Scalar("SELECT count(*) FROM tasks WHERE id < 9 AND mine IS NOT 'm' || id"));
    }

    [Fact]
    public async Task Apply_TombstoneAfterTheRowThatTookItsValue_StoresTheRow()
    {
        await StartSequencedAsync(1, "n1", 2, "n2", 3, "n3");
        Execute(UniqueTitle);

        var rows = await ApplyAsync(Sequenced, Sequence(30, "n3", 20));
        Assert.Equal((0, 1), (rows.Applied, rows.Parked));
        var gone = await RemoveAsync("""{"id":3,"sync_seq":21}""");

        Assert.Equal((1, 1, 0), (gone.Applied, gone.Deleted, gone.Parked));
        Assert.Equal("1=n1,2=n2,30=n3", Rows());
        Assert.Equal(0, await Store.CountParkedAsync(Sequenced, Token));
    }

    [Fact]
    public async Task Apply_TombstoneOfAParkedRow_ForgetsIt()
    {
        await StartSequencedAsync(1, "n1");
        Execute(UniqueTitle);
        await ApplyAsync(Sequenced, Sequence(2, "n1", 20));

        await RemoveAsync("""{"id":2,"sync_seq":20}""");
        Assert.Equal(1, await Store.CountParkedAsync(Sequenced, Token));
        await RemoveAsync("""{"id":2,"sync_seq":21}""");

        Assert.Equal(0, await Store.CountParkedAsync(Sequenced, Token));
        Assert.Equal("1=n1", Rows());
    }

    [Fact]
    public async Task Apply_TriggerThatLetsNoRowGo_ParksTheTombstone()
    {
        await StartSequencedAsync(1, "n1", 2, "n2");
        Execute("CREATE TRIGGER keep BEFORE DELETE ON tasks WHEN OLD.id = 1 BEGIN SELECT RAISE(ABORT, 'canary'); END");

        var result = await RemoveAsync("""{"id":1,"sync_seq":20}""", """{"id":2,"sync_seq":20}""");

        Assert.Equal((1, 1), (result.Deleted, result.Parked));
        var parked = (await Store.ListParkedAsync(Sequenced, 0, 10, Token)).Single();
        Assert.True(parked is { IsDelete: true, Code: "local_trigger", Constraint: null });
        Execute("DROP TRIGGER keep");
        await Store.PrepareAsync(Sequenced, Token);
        Assert.Equal(("", 0L), (Rows(), await Store.CountParkedAsync(Sequenced, Token)));
    }

    [Fact]
    public async Task Apply_RowThatBreaksACheck_HoldsUpNothingAndGoesWithItsReason()
    {
        Execute("CREATE TABLE tasks (id INTEGER PRIMARY KEY, title TEXT CHECK (title <> 'bad'))");
        await StartAsync(Tasks, Task(1, "one"), Task(2, "bad"), Task(3, "three"));
        Assert.Equal("1=one,3=three", Rows());
        var parked = (await Store.ListParkedAsync(Tasks, 0, 10, Token)).Single();
        Assert.Equal(("local_check", """{"id":2}"""), (parked.Code, parked.Key));

        Assert.Equal(1, (await ApplyAsync(Tasks, Task(2, "bad", 2))).Parked);
        Assert.Single(await Store.ListParkedAsync(Tasks, 0, 10, Token));
        await ApplyAsync(Tasks, Task(2, "good", 3));

        Assert.Equal("1=one,2=good,3=three", Rows());
        Assert.Empty(await Store.ListParkedAsync(Tasks, 0, 10, Token));
    }

    [Fact]
    public async Task Apply_OlderVersionOfAParkedRow_LeavesTheNewerParked()
    {
        Execute("CREATE TABLE tasks (id INTEGER PRIMARY KEY, title TEXT CHECK (title <> 'bad'))");
        await StartAsync(Tasks, Task(1, "one"));
        await ApplyAsync(Tasks, Task(1, "bad", 3));

        await ApplyAsync(Tasks, Task(1, "two", 2));

        Assert.Equal(1, await Store.CountParkedAsync(Tasks, Token));
        Assert.Equal("1=two", Rows());
    }

    [Fact]
    public async Task Apply_SoftDeleteOfAParkedRow_ForgetsIt()
    {
        await StartAsync(Tasks, Task(1, "one"));
        Execute(UniqueTitle);
        await ApplyAsync(Tasks, Task(2, "one"));

        await ApplyAsync(Tasks, Task(2, "one", 2, isDeleted: true));

        Assert.Equal(("1=one", 0L), (Rows(), await Store.CountParkedAsync(Tasks, Token)));
    }

    [Fact]
    public async Task Prepare_IndexDropped_StoresWhatWasParked()
    {
        await StartAsync(Tasks, Task(1, "one"));
        Execute(UniqueTitle);
        await ApplyAsync(Tasks, Task(2, "one"));
        Store.Dispose();
        Execute("DROP INDEX u");

        using var reopened = OpenStore();
        await reopened.PrepareAsync(Tasks, Token);

        Assert.Equal("1=one,2=one", Rows());
        Assert.Equal(0, await reopened.CountParkedAsync(Tasks, Token));
    }

    [Fact]
    public async Task Swap_RowThatTheResyncBrings_IsStoredWhenTheOldOneIsGone()
    {
        await StartAsync(Tasks, Task(1, "one"), Task(2, "two"), Task(3, "three"));
        Execute(UniqueTitle);
        await ApplyAsync(Tasks, Task(4, "one"), Task(5, "one"));
        Assert.Equal(2, await Store.CountParkedAsync(Tasks, Token));

        await ApplyAsync(Store, Tasks, 1, Task(2, "two"), Task(4, "one"), Task(3, "three"));
        await Store.SwapGenerationAsync(new GenerationSwap(Tasks, 1, 1, null), Token);

        Assert.Equal("2=two,3=three,4=one", Rows());
        Assert.Equal(0, await Store.CountParkedAsync(Tasks, Token));
    }

    [Fact]
    public async Task Swap_TriggerThatLetsARowNotGo_RemovesTheOthersAndNamesIt()
    {
        await StartAsync(Tasks, Task(1, "one"), Task(2, "two"), Task(3, "three"));
        Execute("CREATE TRIGGER keep BEFORE DELETE ON tasks WHEN OLD.id = 1 BEGIN SELECT RAISE(ABORT, 'canary'); END");

        await ApplyAsync(Store, Tasks, 1, Task(3, "three"));
        var swap = await Store.SwapGenerationAsync(new GenerationSwap(Tasks, 1, 1, null), Token);

        Assert.Equal((1L, "1=one,3=three"), (swap.Removed, Rows()));
        var parked = (await Store.ListParkedAsync(Tasks, 0, 10, Token)).Single();
        Assert.Equal((true, "local_trigger", """{"id":1}"""), (parked.IsDelete, parked.Code, parked.Key));
        Execute("DROP TRIGGER keep");
        await ApplyAsync(Store, Tasks, 2, Task(3, "three"));
        await Store.SwapGenerationAsync(new GenerationSwap(Tasks, 2, 1, null), Token);
        Assert.Equal(("3=three", 0L), (Rows(), await Store.CountParkedAsync(Tasks, Token)));
    }

    [Fact]
    public async Task Apply_TriggerThatEndsTheTransaction_FailsWithNothingWritten()
    {
        await StartAsync(Tasks, Task(1, "one"));
        Execute("CREATE TRIGGER never BEFORE INSERT ON tasks WHEN NEW.id = 3 BEGIN SELECT RAISE(ROLLBACK, 'canary'); END");

        var exception = await Assert.ThrowsAsync<SyncStoreException>(() => ApplyAsync(Tasks, Task(2, "two"), Task(3, "three")));

        Assert.Contains("RAISE(ROLLBACK)", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", exception.ToString(), StringComparison.Ordinal);
        Assert.Equal(("1=one", 0L), (Rows(), await Store.CountParkedAsync(Tasks, Token)));
        Execute("DROP TRIGGER never");
        await ApplyAsync(Tasks, Task(2, "two"), Task(3, "three"));
        Assert.Equal("1=one,2=two,3=three", Rows());
    }

    [Fact]
    public async Task Apply_ValueThatALocalInsertHolds_LosesNeither()
    {
        await StartAsync(Tasks, Task(1, "one"));
        Execute(UniqueTitle);
        await Store.PrepareAsync(Tasks, Token);
        Execute("INSERT INTO tasks (id, title) VALUES (7, 'seven')");

        await ApplyAsync(Tasks, Task(2, "seven"), Task(3, "three"));

        Assert.Equal("1=one,3=three,7=seven", Rows());
        var change = (await TakeAsync()).Single();
        Assert.Equal("""Insert {"id":7} {"id":7,"title":"seven"}""", change.Text);
        await SettleAsync(change.Id, SettlementKind.Reject, code: "23505");
        await Store.DiscardChangesAsync(Tasks, null, Token);
        await Store.PrepareAsync(Tasks, Token);
        Assert.Equal(("1=one,2=seven,3=three", 0L), (Rows(), await Store.CountParkedAsync(Tasks, Token)));
    }

    [Fact]
    public async Task Apply_ValueThatALocalEditHolds_IsStoredWhenTheEditIsAnother()
    {
        await StartAsync(Tasks, Task(1, "one"), Task(2, "two"));
        Execute(UniqueTitle);
        await Store.PrepareAsync(Tasks, Token);
        Execute("UPDATE tasks SET title = 'x' WHERE id = 1");
        await ApplyAsync(Tasks, Task(2, "x", 2));
        Assert.Equal("1=x,2=two", Rows());

        Execute("UPDATE tasks SET title = 'y' WHERE id = 1");
        await ApplyAsync(Tasks, Task(3, "three"));

        Assert.Equal(("1=y,2=x,3=three", 0L), (Rows(), await Store.CountParkedAsync(Tasks, Token)));
        Assert.Equal(["""Update {"id":1} 1 {"title":"y"}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Apply_ParkedRowThatTheAppEdits_IsKnownToTheEdit()
    {
        await StartAsync(Tasks, Task(1, "one"), Task(2, "two"));
        Execute(UniqueTitle);
        await Store.PrepareAsync(Tasks, Token);
        await ApplyAsync(Tasks, Task(2, "one", 2));
        Execute("UPDATE tasks SET size = 5 WHERE id = 2");

        await Store.PrepareAsync(Tasks, Token);

        Assert.Equal(0, await Store.CountParkedAsync(Tasks, Token));
        Assert.Equal(1, CountChanges("k_id = 2 AND has_server = 1 AND s_title = 'one'"));
    }

    [Fact]
    public async Task Apply_RefusedRowWhoseOldValueAnotherTakes_IsMissingUntilItFits()
    {
        Execute("CREATE TABLE tasks (id INTEGER PRIMARY KEY, title TEXT UNIQUE CHECK (title <> 'bad'), mine TEXT)");
        await StartAsync(Tasks, Task(1, "one"), Task(2, "two"));
        Execute("UPDATE tasks SET mine = 'm' || id");

        await ApplyAsync(Tasks, Task(1, "bad", 2), Task(2, "one", 2));
        Assert.Equal("2=one", Rows());
        Assert.Equal("""{"id":1}""", (await Store.ListParkedAsync(Tasks, 0, 10, Token)).Single().Key);
        await ApplyAsync(Tasks, Task(1, "good", 3));

        Assert.Equal(("1=good,2=one", 0L), (Rows(), await Store.CountParkedAsync(Tasks, Token)));
        Assert.Equal("m1,m2", Scalar("SELECT group_concat(mine) FROM (SELECT mine FROM tasks ORDER BY id)"));
    }

    [Fact]
    public async Task Settle_AnswerThatTheTableRefuses_EndsTheChangeAndParksTheRow()
    {
        await StartAsync(Tasks, Task(1, "one"), Task(2, "two"));
        Execute(UniqueTitle);
        await Store.PrepareAsync(Tasks, Token);
        Execute("UPDATE tasks SET size = 5 WHERE id = 2");
        var change = (await TakeAsync()).Single();

        await SettleAsync(change.Id, SettlementKind.Acknowledge, Task(2, "one", 2, size: 5));
        Assert.Equal((0L, 1L), (CountChanges(), await Store.CountParkedAsync(Tasks, Token)));
        await ApplyAsync(Tasks, Task(1, "uno", 2));

        Assert.Equal(("1=uno,2=one", 0L), (Rows(), await Store.CountParkedAsync(Tasks, Token)));
    }

    [Fact]
    public async Task Settle_AnswerThatCannotBeMergedBeneathAnEdit_SendsOnlyTheEdit()
    {
        await StartAsync(Tasks, Task(1, "one"), Task(2, "two"));
        Execute(UniqueTitle);
        await Store.PrepareAsync(Tasks, Token);
        Execute("UPDATE tasks SET size = 5 WHERE id = 2");
        var change = (await TakeAsync()).Single();
        Execute("UPDATE tasks SET size = 6 WHERE id = 2");

        await SettleAsync(change.Id, SettlementKind.Acknowledge, Task(2, "one", 2, size: 5));

        Assert.Equal(["""Update {"id":2} 2 {"size":6}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Discard_RowWhoseOldValueIsTaken_ParksTheRow()
    {
        await StartAsync(Tasks, Task(1, "one"));
        Execute(UniqueTitle);
        await Store.PrepareAsync(Tasks, Token);
        Execute("UPDATE tasks SET title = 'mine' WHERE id = 1");
        await ApplyAsync(Tasks, Task(2, "one"));
        var change = (await Store.ListChangesAsync(Tasks, null, 0, 10, Token)).Single();

        Assert.Equal(1, await Store.DiscardChangesAsync(Tasks, [change.Id], Token));
        Assert.Equal(("1=mine,2=one", 1L), (Rows(), await Store.CountParkedAsync(Tasks, Token)));
        await ApplyAsync(Tasks, Task(2, "two", 2));

        Assert.Equal(("1=one,2=two", 0L), (Rows(), await Store.CountParkedAsync(Tasks, Token)));
    }

    [Fact]
    public async Task Apply_PositionsThatAllShift_EndsWithinReasonableWork()
    {
        const int Count = 3000;
        Execute("CREATE TABLE tasks (id INTEGER PRIMARY KEY, title TEXT, size INTEGER NOT NULL UNIQUE)");
        await StartAsync(Tasks, [.. Enumerable.Range(1, Count).Select(static id => Task(id, "t", size: id))]);
#pragma warning disable CA5394 // Repeatable on purpose.
        var order = Enumerable.Range(1, Count).ToArray();
        new Random(7).Shuffle(order);
#pragma warning restore CA5394

        foreach (var batch in order.Chunk(250))
        {
            await ApplyAsync(Tasks, [.. batch.Select(static id => Task(id, "t", 2, size: id + 1))]);
        }

        Assert.Equal(0, await Store.CountParkedAsync(Tasks, Token));
        Assert.Equal((long)Count, Scalar("SELECT count(*) FROM tasks WHERE size = id + 1"));
    }

    /// <summary>Returns what <see cref="OutboxTest.Rows"/> does, of the rows in the order in which the server wrote them.</summary>
    private static string RowsOf(IEnumerable<string> written)
    {
        var rows = new SortedDictionary<long, string>();
        foreach (var json in written)
        {
            using var row = JsonDocument.Parse(json);
            var id = row.RootElement.GetProperty("id").GetInt64();
            rows[id] = row.RootElement.GetProperty("title").GetString()!;
            if (row.RootElement.GetProperty("deleted_at").ValueKind != JsonValueKind.Null)
            {
                rows.Remove(id);
            }
        }

        return string.Join(',', rows.Select(static row => $"{row.Key}={row.Value}"));
    }

    private static string Sequence(long id, string title, long sequence) =>
        $"{Task(id, title)[..^1]},\"sync_seq\":{sequence.ToString(CultureInfo.InvariantCulture)}}}";

    private async Task StartSequencedAsync(params object[] rows) =>
        await StartAsync(Sequenced, [.. rows.Chunk(2).Select(static row => Sequence((int)row[0], (string)row[1], 10))]);

    private async Task<ApplyResult> RemoveAsync(params string[] tombstones)
    {
        using var page = PageOf(Gone, tombstones);
        return await Store.ApplyAsync(new ApplyBatch(Gone, [page], null, null) { AreTombstones = true }, Token);
    }
}
