using Agent.Sync.Sqlite.Database;
using Agent.Sync.Testing;

namespace Agent.Sync.Sqlite.Tests.Database;

/// <summary>Nothing is written into a file that nobody sees. Windows does not let go of a file that is open, so there is nothing to notice.</summary>
public sealed class ReplacedFileTests : StoreTest
{
    private string Moved => Path.Combine(DirectoryPath, "moved");

    [Theory]
    [InlineData("database replaced")]
    [InlineData("database deleted")]
    [InlineData("database moved")]
    [InlineData("all deleted")]
    [InlineData("all moved")]
    [InlineData("log deleted")]
    [InlineData("log replaced")]
    [InlineData("index deleted")]
    [InlineData("backup restored")]
    public async Task Apply_FilesChangedUnderTheStore_SaysSoThenGoesOnInWhatIsThere(string change)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        await StartAsync(Notes, Note(1, "old"));
        Backup();
        await ApplyAsync(Notes, Note(2, "old"));

        Change(change);
        var exception = await Assert.ThrowsAsync<SyncStoreException>(() => ApplyAsync(Notes, Note(3, "lost")));

        Assert.Equal((SyncErrorKind.StoreFailed, true), (exception.Kind, exception.IsTransient));
        Assert.Contains("dispose the engine", exception.Message, StringComparison.Ordinal);
        await StartAsync(Notes, Note(4, "new"));
        Assert.Equal("new", BodyOf(4));
        Assert.Null(BodyOf(3));
        Assert.Equal("ok", Scalar("PRAGMA integrity_check"));
    }

    [Theory]
    [InlineData("database replaced")]
    [InlineData("all deleted")]
    [InlineData("log deleted")]
    public async Task Apply_FilesChangedBetweenBeginAndCommit_CommitsNothing(string change)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var isDue = false;
        using var store = OpenStore(hook: (point, _) =>
        {
            if (isDue && point == SqlitePoint.BeforeCommit)
            {
                isDue = false;
                Change(change);
            }

            return 0;
        });
        await store.PrepareAsync(Notes, Token);
        await ApplyAsync(store, Notes, null, Note(1, "old"));
        Backup();
        isDue = true;

        await Assert.ThrowsAsync<SyncStoreException>(() => ApplyAsync(store, Notes, null, Note(3, "lost")));

        await store.PrepareAsync(Notes, Token);
        Assert.Equal(1, (await ApplyAsync(store, Notes, null, Note(4, "new"))).Applied);
        Assert.Null(BodyOf(3));
        Assert.Equal("new", BodyOf(4));
    }

    [Fact]
    public async Task Apply_BackupRestored_LeavesTheBackupsRowsAndTheOldFileWhole()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        await StartAsync(Notes, Note(1, "old"));
        Backup();
        await ApplyAsync(Notes, Note(1, "newer", "2026-02-01T00:00:00+00:00"), Note(2, "newer"));
        File.Move(FilePath, Moved);
        Change("backup restored");

        await Assert.ThrowsAsync<SyncStoreException>(() => ApplyAsync(Notes, Note(3, "lost")));

        // The log was the old file's: it went there, and not into the backup.
        Assert.Equal("old", BodyOf(1));
        Assert.Equal(1, CountNotes());
        File.Move(Moved, FilePath, overwrite: true);
        Assert.Equal("newer", BodyOf(1));
        Assert.Equal("newer", BodyOf(2));
    }

    [Fact]
    public async Task Apply_DirectoryRenamed_SaysSo()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var directory = Path.Combine(DirectoryPath, "data");
        Directory.CreateDirectory(directory);
        using var store = OpenStore(options => options.DatabasePath = Path.Combine(directory, "app.db"));
        await store.PrepareAsync(Notes, Token);

        Directory.Move(directory, Moved);

        Assert.Contains("moved", (await Assert.ThrowsAsync<SyncStoreException>(() => ApplyAsync(store, Notes, null, Note(1, "a")))).Message, StringComparison.Ordinal);
        Assert.Contains("does not exist", (await Assert.ThrowsAsync<SyncStoreException>(() => ApplyAsync(store, Notes, null, Note(1, "a")))).Message, StringComparison.Ordinal);
        Directory.Move(Moved, directory);
        Assert.Equal(1, (await ApplyAsync(store, Notes, null, Note(1, "a"))).Applied);
    }

    [Fact]
    public async Task Apply_LinkPointsElsewhere_SaysSo()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var link = Path.Combine(DirectoryPath, "link.db");
        File.WriteAllBytes(Path.Combine(DirectoryPath, "one.db"), []);
        File.WriteAllBytes(Path.Combine(DirectoryPath, "two.db"), []);
        File.CreateSymbolicLink(link, Path.Combine(DirectoryPath, "one.db"));
        using var store = OpenStore(options => options.DatabasePath = link);
        await store.PrepareAsync(Notes, Token);
        await ApplyAsync(store, Notes, null, Note(1, "a"));

        File.Delete(link);
        File.CreateSymbolicLink(link, Path.Combine(DirectoryPath, "two.db"));

        await Assert.ThrowsAsync<SyncStoreException>(() => ApplyAsync(store, Notes, null, Note(2, "b")));
        await store.PrepareAsync(Notes, Token);
        Assert.Equal(1, (await ApplyAsync(store, Notes, null, Note(1, "a"))).Applied);
    }

    [Fact]
    public async Task Apply_FilesAsTheyWere_NoticesNothing()
    {
        await StartAsync(Notes, Note(1, "a"));
        for (var id = 2; id < 20; id++)
        {
            // The app's own connections come and go, and copy the log back.
            Execute($"UPDATE notes SET body = 'x' WHERE id = {id - 1}; PRAGMA wal_checkpoint(TRUNCATE); VACUUM");
            await ApplyAsync(Notes, Note(id, "a"));
        }

        Assert.Equal(19, CountNotes());
    }

    [Fact]
    public async Task Sync_DatabaseReplacedBetweenTwoRuns_SaysSoAndTheNextRunIsComplete()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var server = new PostgrestDouble(new VirtualTimeProvider());
        var table = server.AddTable(Notes);
        table.Insert("""{"id":1,"body":"a"}""");
        await using var engine = EngineOf(server)
            .UseSqlite(FilePath)
            .Build();
        await engine.SyncAsync(cancellationToken: Token);
        table.Insert("""{"id":2,"body":"b"}""");
        Change("database replaced");

        var exception = await Assert.ThrowsAsync<SyncStoreException>(() => engine.SyncAsync(cancellationToken: Token));
        var next = await engine.SyncAsync(cancellationToken: Token);

        Assert.Equal(SyncErrorKind.StoreFailed, exception.Kind);
        Assert.Equal(SyncOutcome.Completed, next.Outcome);
        Assert.Equal(2, CountNotes());
    }

    private void Backup() => Execute($"VACUUM INTO '{Path.Combine(DirectoryPath, "backup.db")}'");

    private void Change(string change)
    {
        var files = new[] { FilePath, FilePath + "-wal", FilePath + "-shm" };
        var log = FilePath + "-wal";
        switch (change)
        {
            case "database replaced":
                File.WriteAllBytes(FilePath + ".new", []);
                File.Move(FilePath + ".new", FilePath, overwrite: true);
                break;
            case "database deleted":
                File.Delete(FilePath);
                break;
            case "database moved":
                File.Move(FilePath, Moved);
                break;
            case "all deleted":
                Array.ForEach(files, File.Delete);
                break;
            case "all moved":
                Array.ForEach(files, file => File.Move(file, Moved + Path.GetFileName(file)));
                break;
            case "log deleted":
                File.Delete(log);
                break;
            case "log replaced":
                File.WriteAllBytes(log + ".new", []);
                File.Move(log + ".new", log, overwrite: true);
                break;
            case "index deleted":
                File.Delete(FilePath + "-shm");
                break;
            default:
                File.Copy(Path.Combine(DirectoryPath, "backup.db"), FilePath + ".new");
                File.Move(FilePath + ".new", FilePath, overwrite: true);
                break;
        }
    }
}
