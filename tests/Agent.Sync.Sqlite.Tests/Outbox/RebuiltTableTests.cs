using Agent.Sync.Stores;

namespace Agent.Sync.Sqlite.Tests.Outbox;

/// <summary>The app rebuilt its table as migrations of EF Core do. What the rebuild left, nobody typed; what was edited before the next run, somebody did.</summary>
public sealed class RebuiltTableTests : OutboxTest
{
    private const string AllColumns = "title TEXT, size INTEGER, updated_at TEXT, version INTEGER, deleted_at TEXT";

    private static readonly Reconciliation AllKnown = new(static (_, _) => true);

    [Theory]
    [InlineData("INTEGER")]
    [InlineData("INTEGER DEFAULT 7")]
    [InlineData("INTEGER DEFAULT (length('ab'))")]
    public async Task Swap_ColumnMadeAnewAndOneRowEdited_HoldsWhatNobodyTyped(string column)
    {
        await StartAsync(Tasks, Task(1, "one", size: 11), Task(2, "two", size: 22), Task(3, "three", size: 33));
        Rebuild(AllColumns.Replace("size INTEGER", $"size {column}", StringComparison.Ordinal), "title, updated_at, version, deleted_at", "UPDATE tasks SET size = 5 WHERE id = 3");

        // A row that is new on the server shows nothing about what the rebuild kept.
        Assert.Equal(column.Contains("length", StringComparison.Ordinal) ? 3 : 2, await ResyncAsync(Known(4), Task(1, "one", size: 11), Task(2, "two", size: 22), Task(3, "three", size: 33), Task(4, "four", size: 44)));

        Assert.DoesNotContain(await TakeTextsAsync(), static change => change.Contains("\"id\":1", StringComparison.Ordinal) || change.Contains("\"id\":2", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("size INTEGER DEFAULT 0", "size")]
    [InlineData("size REAL NOT NULL DEFAULT 0.0", "size")]
    [InlineData("title TEXT NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000'", "title")]
    [InlineData("title TEXT DEFAULT '00:00:00'", "title")]
    [InlineData("title TEXT DEFAULT X''", "title")]
    [InlineData("title TEXT DEFAULT '{}'", "title")]
    [InlineData("title TEXT DEFAULT '[]'", "title")]
    [InlineData("deleted_at TEXT DEFAULT '0001-01-01 00:00:00+00:00'", "deleted_at")]
    [InlineData("title TEXT NOT NULL DEFAULT ''", "title")]
    public async Task Swap_ColumnMadeAnewWithADefaultThatALaterRebuildDropped_HoldsWhatNobodyTyped(string column, string name)
    {
        await StartAsync(Tasks, Task(1, "one", size: 7), Task(2, "two"), Task(3, "three", size: 33));
        var kept = string.Join(", ", new[] { "title", "size", "updated_at", "version", "deleted_at" }.Where(kept => kept != name));
        RebuildUnseen(AllColumns.Replace(name + (name == "size" ? " INTEGER" : " TEXT"), column, StringComparison.Ordinal), kept, string.Empty);
        Rebuild(AllColumns, $"{name}, {kept}", "UPDATE tasks SET size = 5 WHERE id = 3");

        await ResyncAsync(AllKnown, Task(1, "one", size: 7), Task(2, "two"), Task(3, "three", size: 33));

        Assert.DoesNotContain(await TakeTextsAsync(), static change => change.Contains("\"id\":1", StringComparison.Ordinal) || change.Contains("\"id\":2", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("UPDATE tasks SET title = 'typed' WHERE id = 1")]
    [InlineData("INSERT INTO tasks (id, title) VALUES (1, 'typed') ON CONFLICT (id) DO UPDATE SET title = excluded.title")]
    [InlineData("INSERT OR REPLACE INTO tasks SELECT id, 'typed', size, updated_at, version, deleted_at FROM tasks WHERE id = 1")]
    public async Task Edit_OfAHeldRow_StaysWithItUntilItIsDecided(string edit)
    {
        await StartAsync(Tasks, Task(1, "one", size: 11), Task(2, "two", size: 22));
        Rebuild(AllColumns.Replace("size INTEGER", "size INTEGER DEFAULT 7", StringComparison.Ordinal), "title, updated_at, version, deleted_at");
        Assert.Equal(2, await ResyncAsync(AllKnown, Task(1, "one", size: 11), Task(2, "two", size: 22)));

        Execute(edit);

        Assert.Empty(await TakeTextsAsync());
        Assert.Equal(2, CountChanges("code = 'unrecorded'"));
        await Store.RetryChangesAsync(Tasks, changes: null, Token);
        Assert.Contains("""Update {"id":1} 1 {"title":"typed","size":7}""", await TakeTextsAsync());
    }

    [Fact]
    public async Task Delete_OfAHeldRow_IsSent()
    {
        await StartAsync(Tasks, Task(1, "one", size: 11), Task(2, "two", size: 22));
        Rebuild(AllColumns.Replace("size INTEGER", "size INTEGER DEFAULT 7", StringComparison.Ordinal), "title, updated_at, version, deleted_at");
        await ResyncAsync(AllKnown, Task(1, "one", size: 11), Task(2, "two", size: 22));

        Execute("DELETE FROM tasks WHERE id = 1");

        Assert.Equal("""Delete {"id":1} 1 """.TrimEnd(), Assert.Single(await TakeTextsAsync()).TrimEnd());
    }

    [Fact]
    public async Task Swap_ColumnMadeAnewAndAParkedRowThatFitsNow_HoldsWhatNobodyTyped()
    {
        Execute("CREATE TABLE tasks (id INTEGER NOT NULL PRIMARY KEY, title TEXT, size INTEGER CHECK (size < 30), updated_at TEXT, version INTEGER, deleted_at TEXT)");
        await StartAsync(Tasks, Task(1, "one", size: 11), Task(2, "two", size: 22), Task(3, "three", size: 33));
        Assert.Equal("1=one,2=two", Rows());
        Rebuild(AllColumns, "size, updated_at, version, deleted_at");

        Assert.Equal(2, await ResyncAsync(AllKnown, Task(1, "one", size: 11), Task(2, "two", size: 22), Task(3, "three", size: 33)));

        Assert.Empty(await TakeTextsAsync());
        Assert.Equal(33L, Scalar("SELECT size FROM tasks WHERE id = 3"));
    }

    [Fact]
    public async Task Apply_RowThatIsParked_IsNoDelete()
    {
        const string Columns = "title TEXT, size INTEGER CHECK (size < 30), updated_at TEXT, version INTEGER, deleted_at TEXT";
        Execute($"CREATE TABLE tasks (id INTEGER NOT NULL PRIMARY KEY, {Columns})");
        await StartAsync(Tasks, Task(1, "one", size: 11), Task(3, "three", size: 33));
        Rebuild(Columns, "title, size, updated_at, version, deleted_at");

        await ResyncAsync(AllKnown, Task(1, "one", size: 11), Task(3, "three", size: 33));

        Assert.Empty(await TakeTextsAsync());
        Assert.Equal(1L, await Store.CountParkedAsync(Tasks, Token));
    }

    [Fact]
    public async Task Swap_ColumnThatKeptItsValues_SendsTheOneThatWasEmptied()
    {
        await StartAsync(Tasks, Task(1, "one", size: 11), Task(2, "two", size: 22));
        Rebuild(AllColumns, "title, size, updated_at, version, deleted_at", "UPDATE tasks SET size = NULL WHERE id = 1");

        Assert.Equal(0, await ResyncAsync(AllKnown, Task(1, "one", size: 11), Task(2, "two", size: 22)));

        Assert.Equal(["""Update {"id":1} 1 {"size":null}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Swap_WaitingEditOfAColumnThatWasMadeAnew_IsHeldAndNotSentEmpty()
    {
        await StartAsync(Tasks, Task(1, "one", size: 11), Task(2, "two", size: 22));
        Execute("UPDATE tasks SET title = 'mine', size = 5 WHERE id = 1");
        Rebuild(AllColumns, "title, updated_at, version, deleted_at");
        Assert.Empty(await TakeTextsAsync());

        Assert.Equal(2, await ResyncAsync(AllKnown, Task(1, "one", size: 11), Task(2, "two", size: 22)));

        Assert.Empty(await TakeTextsAsync());
        Assert.Equal(2, CountChanges("code = 'unrecorded'"));
    }

    [Theory]
    [InlineData("NULL")]
    [InlineData("7")]
    public async Task Swap_RefusedEditOfAColumnThatWasMadeAnew_IsAskedAboutAnew(string fill)
    {
        await StartAsync(Tasks, Task(1, "one", size: 11), Task(2, "two", size: 22));
        Execute("UPDATE tasks SET size = 5 WHERE id = 1");
        await SettleAsync((await TakeAsync()).Single().Id, SettlementKind.Reject, code: "23505");
        Rebuild(AllColumns.Replace("size INTEGER", $"size INTEGER DEFAULT {fill}", StringComparison.Ordinal), "title, updated_at, version, deleted_at");

        Assert.Equal(2, await ResyncAsync(AllKnown, Task(1, "one", size: 11), Task(2, "two", size: 22)));

        Assert.Equal(2, CountChanges("code = 'unrecorded' AND constraint_name IS NULL"));
    }

    [Theory]
    [InlineData("'0001-01-01 00:00:00+00:00'", "title, size, version, deleted_at")]
    [InlineData("NULL", "title, size, version, deleted_at")]
    [InlineData(null, "title, size, updated_at, deleted_at")]
    public async Task Swap_ServersColumnMadeAnewAndTheRowDeletedThere_DoesNotBringItBack(string? cursor, string kept)
    {
        await StartAsync(Tasks, Task(1, "one"), Task(2, "two"));
        Rebuild(cursor is null ? AllColumns : AllColumns.Replace("updated_at TEXT", $"updated_at TEXT DEFAULT {cursor}", StringComparison.Ordinal), kept, "INSERT INTO tasks (id, title, version, updated_at) VALUES (3, 'mine', NULL, NULL)");

        await ResyncAsync(AllKnown, Task(1, "one"));

        Assert.Equal("1=one,3=mine", Rows());
        Assert.Equal(["""Insert {"id":3} {"id":3,"title":"mine"}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Swap_EveryColumnOfTheServersMadeAnew_KeepsWhatNobodyCanTell()
    {
        await StartAsync(Tasks, Task(1, "one"), Task(2, "two"));
        Rebuild(AllColumns, "title, size, deleted_at");

        await ResyncAsync(AllKnown, Task(1, "one"));

        Assert.Equal("1=one,2=two", Rows());
        Assert.Empty(await TakeTextsAsync());
        Assert.Equal(1, CountChanges("code = 'unrecorded' AND k_id = 2"));
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 1)]
    [InlineData(false, 2)]
    public async Task Swap_KeyChangedBeforeTheNextRun_KeepsTheRowAndBothHalves(bool isKnown, long version)
    {
        await StartAsync(Tasks, Task(1, "one"), Task(2, "two"));
        Rebuild(AllColumns, "title, size, updated_at, version, deleted_at", "UPDATE tasks SET id = 9 WHERE id = 2");

        await ResyncAsync(new Reconciliation((page, row) => isKnown || page.GetCell(row, 0).Utf8.SequenceEqual("1"u8)), Task(1, "one"), Task(2, "two", version));

        Assert.Equal(isKnown ? "1=one,9=two" : "1=one,2=two,9=two", Rows());
        Assert.Empty(await TakeTextsAsync());
        Assert.Equal(1, CountChanges("code = 'unrecorded' AND k_id = 9"));
        Assert.Equal(isKnown ? 1 : 0, CountChanges("code = 'unrecorded' AND k_id = 2"));
        await Store.RetryChangesAsync(Tasks, null, Token);
        Assert.Contains("""Insert {"id":9} {"id":9,"title":"two"}""", await TakeTextsAsync());
    }

    [Fact]
    public async Task Swap_KeyChangedWhereTheRebuildLostWhatTellsVersionsApart_KeepsTheRowAndBothHalves()
    {
        var sequenced = Dataset.Define("tasks").Key("id", ColumnType.Integer).Column("title", ColumnType.Text).UpdatedAt("updated_at").Build().Sequenced();
        string[] rows = [Row(1, "one"), Row(2, "two")];
        await StartAsync(sequenced, rows);
        RebuildUnseen("title TEXT, updated_at TEXT", "title, updated_at", "UPDATE tasks SET id = 9 WHERE id = 2");
        Assert.True((await Store.PrepareAsync(sequenced, Token)).HasUnrecordedChanges);

        using (var page = PageOf(sequenced, rows))
        {
            await Store.ApplyAsync(new ApplyBatch(sequenced, [page], null, 1) { Reconciliation = AllKnown }, Token);
        }

        var swap = await Store.SwapGenerationAsync(new GenerationSwap(sequenced, 1, 1, null) { Reconciliation = AllKnown }, Token);

        Assert.Equal(("1=one,9=two", 0L), (Rows(), swap.Removed));
        Assert.Empty(await TakeTextsAsync(sequenced));
        Assert.Equal(2, CountChanges("code = 'unrecorded' AND k_id IN (2, 9)"));

        static string Row(long id, string title) => $$"""{"id":{{id}},"title":"{{title}}","updated_at":"2026-01-01T00:00:00+00:00","sync_seq":{{id + 70}}}""";
    }

    [Fact]
    public async Task Swap_EditedRowThatGotAnotherKeyAfterTheRebuild_KeepsBothHalves()
    {
        await StartAsync(Tasks, Task(1, "one"), Task(2, "two"));
        Execute("UPDATE tasks SET title = 'mine' WHERE id = 2");
        Rebuild(AllColumns, "title, size, updated_at, version, deleted_at", "UPDATE tasks SET id = 9 WHERE id = 2");
        await Store.PrepareAsync(Tasks, Token);
        Assert.Empty(await TakeTextsAsync());

        await ResyncAsync(AllKnown, Task(1, "one"), Task(2, "two"));

        Assert.Equal("1=one,9=mine", Rows());
        Assert.Empty(await TakeTextsAsync());
        Assert.Equal(2, CountChanges("code = 'unrecorded'"));
        await Store.RetryChangesAsync(Tasks, changes: null, Token);
        Assert.Equal(["""Insert {"id":9} {"id":9,"title":"mine"}""", """Delete {"id":2} 1"""], await TakeTextsAsync());
    }

    [Theory]
    [InlineData("UPDATE tasks SET title = 'mine' WHERE id = 2; DELETE FROM tasks WHERE id = 2", "", true)]
    [InlineData("UPDATE tasks SET title = 'mine' WHERE id = 2", "DELETE FROM tasks WHERE id = 2", false)]
    [InlineData("DELETE FROM tasks WHERE id = 2", "", true)]
    public async Task Swap_RowThatWasDeletedAroundARebuild_IsDeletedOnTheServer(string before, string after, bool isSentAtOnce)
    {
        await StartAsync(Tasks, Task(1, "one"), Task(2, "two"));
        Execute(before);
        Rebuild(AllColumns, "title, size, updated_at, version, deleted_at", after);
        await Store.PrepareAsync(Tasks, Token);
        if (isSentAtOnce)
        {
            Assert.Equal(["""Delete {"id":2} 1"""], await TakeTextsAsync());
            return;
        }

        Assert.Empty(await TakeTextsAsync());
        await ResyncAsync(AllKnown, Task(1, "one"), Task(2, "two"));

        Assert.Equal(["""Delete {"id":2} 1"""], await TakeTextsAsync());
        Assert.Equal("1=one", Rows());
    }

    [Fact]
    public async Task Swap_RowThatTheServerDeletedWhileNothingIsAbsent_IsRemoved()
    {
        await StartAsync(Tasks, Task(1, "one"), Task(2, "two"));
        Rebuild(AllColumns, "title, size, updated_at, version, deleted_at");

        await ResyncAsync(AllKnown, Task(1, "one"));

        Assert.Equal("1=one", Rows());
        Assert.Equal(0, CountChanges());
    }

    [Fact]
    public async Task Swap_EditedRowThatTheServerDeletedWhereEditsWin_IsKept()
    {
        await StartAsync(Tasks, Task(1, "one"), Task(2, "two"));
        Rebuild(AllColumns, "title, size, updated_at, version, deleted_at", "UPDATE tasks SET title = 'mine' WHERE id = 2");

        await ResyncAsync(AllKnown with { KeepsDeleted = true }, Task(1, "one"));

        Assert.Equal("1=one,2=mine", Rows());
        Assert.Equal(1, CountChanges("code = 'unrecorded' AND k_id = 2"));
    }

    [Fact]
    public async Task Apply_EditRecordedOverOneThatWasNot_SendsBoth()
    {
        await StartAsync(Tasks, Task(1, "one", size: 11), Task(2, "two", size: 22));
        Rebuild(AllColumns, "title, size, updated_at, version, deleted_at", "UPDATE tasks SET size = 5 WHERE id = 1");
        Execute("UPDATE tasks SET title = 'mine' WHERE id = 1");

        // It starts from a row that was edited before: sent now, the answer would overwrite the size.
        Assert.Empty(await TakeTextsAsync());
        await ResyncAsync(AllKnown, Task(1, "one", size: 11), Task(2, "two", size: 22));

        Assert.Equal(["""Update {"id":1} 1 {"title":"mine","size":5}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Apply_EditRecordedOverOneThatWasNotAndTheServersRowNewer_IsKeptWhole()
    {
        await StartAsync(Tasks, Task(1, "one", size: 11), Task(2, "two", size: 22));
        Rebuild(AllColumns, "title, size, updated_at, version, deleted_at", "UPDATE tasks SET size = 5 WHERE id = 1");
        Execute("UPDATE tasks SET title = 'mine' WHERE id = 1");

        await ResyncAsync(AllKnown, Task(1, "theirs", version: 2, size: 11), Task(2, "two", size: 22));

        Assert.Empty(await TakeTextsAsync());
        Assert.Equal("1=mine,2=two", Rows());
        Assert.Equal(1, CountChanges("code = 'unrecorded' AND b_title = 'theirs'"));
    }

    [Fact]
    public async Task Apply_EditRecordedAfterItsRowPassed_IsSentBeforeTheSwap()
    {
        await StartAsync(Tasks, Task(1, "one"), Task(2, "two"));
        Rebuild(AllColumns, "title, size, updated_at, version, deleted_at");
        await ApplyAsync(AllKnown, Task(1, "one"));
        Execute("UPDATE tasks SET title = 'mine'");

        Assert.Equal(["""Update {"id":1} 1 {"title":"mine"}"""], await TakeTextsAsync());
    }

    [Fact]
    public async Task Swap_EditRecordedOfARowThatWasInsertedBefore_IsAnInsert()
    {
        await StartAsync(Tasks, Task(1, "one"));
        Rebuild(AllColumns, "title, size, updated_at, version, deleted_at", "INSERT INTO tasks (id, title) VALUES (2, 'new')");
        Execute("UPDATE tasks SET size = 5 WHERE id = 2");

        await ResyncAsync(AllKnown, Task(1, "one"));

        Assert.Equal(["""Insert {"id":2} {"id":2,"title":"new","size":5}"""], await TakeTextsAsync());
    }

    [Theory]
    [InlineData("apply")]
    [InlineData("take")]
    [InlineData("settle")]
    [InlineData("swap")]
    public async Task Run_TableRebuiltUnderIt_FailsAndTheNextOneFindsTheEdit(string call)
    {
        await StartAsync(Tasks, Task(1, "one", size: 11), Task(2, "two", size: 22));
        Execute("UPDATE tasks SET title = 'mine' WHERE id = 1");
        var flying = call == "settle" ? (await TakeAsync())[0].Id : 0;
        RebuildUnseen(AllColumns, "title, size, updated_at, version, deleted_at", "UPDATE tasks SET size = 5 WHERE id = 1");

        var failure = await Assert.ThrowsAsync<SyncStoreException>(() => call switch
        {
            "apply" => ApplyAsync(AllKnown, Task(1, "one", size: 11)),
            "take" => TakeAsync(),
            "settle" => SettleAsync(flying, SettlementKind.Acknowledge, Task(1, "mine", 2, 11)),
            _ => Store.SwapGenerationAsync(new GenerationSwap(Tasks, 1, 1, null), Token).AsTask(),
        });

        Assert.True(failure is { Kind: SyncErrorKind.StoreFailed, IsTransient: true });
        Assert.True((await Store.PrepareAsync(Tasks, Token)).HasUnrecordedChanges);
        Assert.Equal("mine 5", Scalar("SELECT title || ' ' || size FROM tasks WHERE id = 1"));
    }

    private static Reconciliation Known(long below) => new((page, row) => !page.GetCell(row, 0).Utf8.SequenceEqual(System.Text.Encoding.UTF8.GetBytes(below.ToString(System.Globalization.CultureInfo.InvariantCulture))));

    private void Rebuild(string columns, string kept, string before = "")
    {
        RebuildUnseen(columns, kept, before);
        Assert.True(Store.PrepareAsync(Tasks, Token).AsTask().GetAwaiter().GetResult().HasUnrecordedChanges);
    }

    private void RebuildUnseen(string columns, string kept, string before) => Execute(
        $"CREATE TABLE ef_temp_tasks (id INTEGER NOT NULL PRIMARY KEY, {columns}); INSERT INTO ef_temp_tasks (id, {kept}) SELECT id, {kept} FROM tasks; DROP TABLE tasks; ALTER TABLE ef_temp_tasks RENAME TO tasks; {before}");

    private async Task ApplyAsync(Reconciliation reconciliation, params string[] rows)
    {
        using var page = PageOf(Tasks, rows);
        await Store.ApplyAsync(new ApplyBatch(Tasks, [page], null, 1) { Reconciliation = reconciliation }, Token);
    }

    private async Task<long> ResyncAsync(Reconciliation reconciliation, params string[] rows)
    {
        await ApplyAsync(reconciliation, rows);
        return (await Store.SwapGenerationAsync(new GenerationSwap(Tasks, 1, 1, null) { Reconciliation = reconciliation }, Token)).Held;
    }
}
