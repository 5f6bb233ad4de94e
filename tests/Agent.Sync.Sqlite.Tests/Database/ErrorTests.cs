using Agent.Sync.Sqlite.Database;
using Agent.Sync.Stores;
using SQLitePCL;

namespace Agent.Sync.Sqlite.Tests.Database;

public sealed class ErrorTests : StoreTest
{
    [Theory]
    [InlineData(raw.SQLITE_FULL, "free space", false)]
    [InlineData(raw.SQLITE_IOERR, "disk", false)]
    [InlineData(raw.SQLITE_IOERR_FSYNC, "disk", false)]
    [InlineData(raw.SQLITE_READONLY, "permission", false)]
    [InlineData(raw.SQLITE_CORRUPT, "damaged", false)]
    [InlineData(raw.SQLITE_NOTADB, "damaged", false)]
    [InlineData(raw.SQLITE_CANTOPEN, "cannot be opened", false)]
    [InlineData(raw.SQLITE_NOMEM, "memory", false)]
    [InlineData(raw.SQLITE_BUSY, "BusyTimeout", true)]
    public async Task Apply_SqliteFails_SaysWhatToDoRollsBackAndGoesOn(int code, string advice, bool isTransient)
    {
        var failing = false;
        using var store = OpenStore(hook: (_, sql) => failing && sql.StartsWith("INSERT OR ROLLBACK INTO \"notes\"", StringComparison.Ordinal) ? code : 0);
        await store.PrepareAsync(Notes, Token);
        failing = true;

        var exception = await Assert.ThrowsAsync<SyncStoreException>(() => ApplyAsync(store, Notes, null, Note(1, "canary")));

        Assert.Equal((SyncErrorKind.StoreFailed, isTransient, "notes"), (exception.Kind, exception.IsTransient, exception.Dataset));
        Assert.Contains(advice, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", exception.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, CountNotes());
        failing = false;
        Assert.Equal(1, (await ApplyAsync(store, Notes, null, Note(1, "a"))).Applied);
    }

    [Fact]
    public async Task Apply_FailureInTheMiddle_KeepsNothingOfTheBatch()
    {
        var rows = 0;
        using var store = OpenStore(
            hook: (_, sql) => sql.StartsWith("INSERT OR ROLLBACK INTO \"notes\"", StringComparison.Ordinal) && ++rows == 3 ? raw.SQLITE_FULL : 0);
        await store.PrepareAsync(Notes, Token);

        await Assert.ThrowsAsync<SyncStoreException>(() => ApplyAsync(store, Notes, null, Note(1, "a"), Note(2, "b"), Note(3, "c")));

        Assert.Equal(0, CountNotes());
    }

    [Theory]
    [InlineData("CREATE TRIGGER tr BEFORE INSERT ON notes BEGIN SELECT RAISE(ABORT, 'canary'); END", "local_trigger", null)]
    [InlineData("CREATE TRIGGER tr BEFORE INSERT ON notes BEGIN SELECT json_extract(NEW.body, '$.a'); END", "local_trigger", null)]
    [InlineData("CREATE UNIQUE INDEX other ON notes (body)", "local_unique", "notes.body")]
    [InlineData("CREATE UNIQUE INDEX other ON notes (lower(body))", "local_unique", "index 'other'")]
    public async Task Apply_RowThatTheTableRefuses_IsParkedWithColumnsNeverValues(string sql, string code, string? constraint)
    {
        await StartAsync(Notes, Note(1, "canary-1"));
        Execute(sql);

        var result = await ApplyAsync(Notes, Note(2, "canary-1"));

        Assert.Equal(new ApplyResult(0, 0, 0) { Parked = 1 }, result);
        var parked = (await Store.ListParkedAsync(Notes, 0, 10, Token)).Single();
        Assert.Equal((code, constraint, """{"id":2}""", "notes"), (parked.Code, parked.Constraint, parked.Key, parked.Dataset));
        Assert.DoesNotContain("canary", $"{parked} {parked.Constraint}", StringComparison.Ordinal);
        Assert.Equal(1, CountNotes());
    }

    [Fact]
    public async Task Apply_NullIntoNotNullColumn_IsParkedWithTheColumn()
    {
        Execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT NOT NULL, updated_at TEXT)");

        await StartAsync(Notes, """{"id":1,"body":null,"updated_at":"2026-01-01T00:00:00+00:00"}""", Note(2, "fits"));

        var parked = (await Store.ListParkedAsync(Notes, 0, 10, Token)).Single();
        Assert.Equal(("local_not_null", "notes.body"), (parked.Code, parked.Constraint));
        Assert.Equal("fits", BodyOf(2));
    }

    [Fact]
    public async Task Open_MissingDirectory_SaysToCreateIt()
    {
        using var store = OpenStore(options => options.DatabasePath = Path.Combine(DirectoryPath, "missing", "app.db"));

        var exception = await Assert.ThrowsAsync<SyncStoreException>(async () => await store.PrepareAsync(Notes, Token));

        Assert.Contains("does not exist", exception.Message, StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(DirectoryPath, "missing"));
        await store.PrepareAsync(Notes, Token);
    }

    [Fact]
    public async Task Open_PathOfADirectory_IsAStoreFailure()
    {
        using var store = OpenStore(options => options.DatabasePath = DirectoryPath);

        var exception = await Assert.ThrowsAsync<SyncStoreException>(async () => await store.PrepareAsync(Notes, Token));

        Assert.Equal(SyncErrorKind.StoreFailed, exception.Kind);
    }

    [Fact]
    public async Task Open_FileThatIsNoDatabase_SaysSoAndLeavesIt()
    {
        await File.WriteAllTextAsync(FilePath, new string('x', 5000), Token);

        var exception = await Assert.ThrowsAsync<SyncStoreException>(async () => await Store.PrepareAsync(Notes, Token));

        Assert.Contains("not a SQLite database", exception.Message, StringComparison.Ordinal);
        Assert.Equal(5000, new FileInfo(FilePath).Length);
    }

    [Fact]
    public async Task Apply_AnotherConnectionHoldsTheWriteLock_IsTransientAndSucceedsLater()
    {
        await StartAsync(Notes, Note(1, "a"));
        using (var connection = Connect())
        using (connection.BeginTransaction(deferred: false))
        {
            var exception = await Assert.ThrowsAsync<SyncStoreException>(() => ApplyAsync(Notes, Note(2, "b")));
            Assert.True(exception.IsTransient);

            // Readings go on beside another's write.
            Assert.Null(await Store.ReadAsync(CheckpointId.For(Notes), Token));
        }

        Assert.Equal(1, (await ApplyAsync(Notes, Note(2, "b"))).Applied);
    }

    [Fact]
    public async Task Call_AfterDispose_Throws()
    {
        await Store.PrepareAsync(Notes, Token);
        await Store.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await Store.PrepareAsync(Notes, Token));
    }

    [Fact]
    public async Task Call_WithACancelledToken_ThrowsBeforeAnything()
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.PrepareAsync(Notes, source.Token));

        Assert.False(File.Exists(FilePath));
    }

    [Fact]
    public async Task Hook_OfASimulation_SeesEveryPointOfAnApply()
    {
        var points = new List<SqlitePoint>();
        using var store = OpenStore(hook: (point, _) =>
        {
            points.Add(point);
            return 0;
        });
        await store.PrepareAsync(Notes, Token);
        points.Clear();

        await ApplyAsync(store, Notes, null, Note(1, "a"), Note(2, "b"));

        Assert.Equal(SqlitePoint.BeforeBegin, points[0]);
        Assert.Equal([SqlitePoint.BeforeCommit, SqlitePoint.Statement, SqlitePoint.AfterCommit], points[^3..]);
        // Two rows between BEGIN, the looks for the app's triggers and the store's own, what the outbox asks, and COMMIT.
        Assert.Equal(5 + 2, points[1..^3].Count(static point => point == SqlitePoint.Statement));
    }
}
