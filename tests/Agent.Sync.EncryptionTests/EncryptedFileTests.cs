using Agent.Sync.EncryptedApp;
using Agent.Sync.Sqlite;
using Agent.Sync.Stores;
using Microsoft.Data.Sqlite;

namespace Agent.Sync.EncryptionTests;

public sealed class EncryptedFileTests : EncryptionTest
{
    [Fact]
    public async Task Sync_WithAKey_LeavesNoPlainTextInAnyFile()
    {
        using NotesServer server = new(Rows);
        await using (var engine = server.EngineOf(FilePath, Gives(Key)).Build())
        {
            await engine.SyncAsync(cancellationToken: Token);

            var open = ReadFiles();
            Assert.Equal(["app.db", "app.db-wal"], open.Keys.Order(StringComparer.Ordinal));
            Assert.True(open["app.db-wal"].Length > Rows * NotesServer.Canary.Length);
            Assert.All(open.Values, AssertSecret);
        }

        var closed = Assert.Single(ReadFiles()).Value;
        Assert.True(closed.Length > Rows * NotesServer.Canary.Length);
        AssertSecret(closed);
        Assert.False(IsPlain());
        Assert.Equal(AllNotes(), await ReadNotesAsync());
    }

    [Fact]
    public async Task Sync_WithoutAKey_LeavesWhatTheOtherTestsLookFor()
    {
        await SyncAsync(key: null);

        Assert.True(IsPlain());
        Assert.Contains(NotesServer.Canary, ReadFiles()["app.db"], StringComparison.Ordinal);
        Assert.Equal(AllNotes(), await ReadNotesAsync(key: null));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("'")]
    [InlineData("raw:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff")]
    public async Task Sync_WithAKeyOfAnyForm_IsReadWithItAsThePassword(string key)
    {
        await SyncAsync(key);

        Assert.Equal(AllNotes(), await ReadNotesAsync(key));
        await Assert.ThrowsAsync<SqliteException>(() => ReadNotesAsync(key + "'"));
    }

    [Fact]
    public async Task Key_OverManyCallsAndConnections_IsAskedForOnce()
    {
        var asked = 0;
        var failing = false;
        await using SqliteStore store = new(
            new SqliteStoreOptions
            {
                DatabasePath = FilePath,
                Key = async cancellationToken =>
                {
                    await Task.Yield();
                    asked++;
                    return Key;
                },
            },
            (_, _) => failing ? SQLitePCL.raw.SQLITE_IOERR : 0);

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => store.PrepareAsync(NotesServer.Notes, Token).AsTask()));
        failing = true;
        await Assert.ThrowsAsync<SyncStoreException>(() => store.PrepareAsync(NotesServer.Notes, Token).AsTask());
        failing = false;
        await store.PrepareAsync(NotesServer.Notes, Token);

        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task Open_WithAKey_KeepsTemporaryTablesInMemory()
    {
        List<string> statements = [];
        await using SqliteStore store = new(
            new SqliteStoreOptions { DatabasePath = FilePath, Key = Gives(Key) },
            (_, sql) =>
            {
                statements.Add(sql);
                return 0;
            });

        await store.PrepareAsync(NotesServer.Notes, Token);

        Assert.Contains("PRAGMA temp_store = MEMORY", statements);
    }

    [Fact]
    public async Task Status_OfAnEncryptedFile_IsRead()
    {
        await SyncAsync();
        using NotesServer server = new(Rows);
        await using var engine = server.EngineOf(FilePath, Gives(Key)).Build();

        var status = await engine.GetStatusAsync(Token);

        Assert.Equal(Rows, Assert.Single(status.Datasets).RowsCompleted);
    }

    [Fact]
    public async Task Store_ThatMayMakeNoTables_LooksForThemWithTheKey()
    {
        await SyncAsync();
        await using SqliteStore store = new(new SqliteStoreOptions { DatabasePath = FilePath, Key = Gives(Key), CreateMissingTables = false });

        LocalState state = await store.PrepareAsync(NotesServer.Notes, Token);

        Assert.True(state.HasRows);
    }

    private static void AssertSecret(string content)
    {
        Assert.DoesNotContain(NotesServer.Canary, content, StringComparison.Ordinal);
        Assert.DoesNotContain("CREATE TABLE", content, StringComparison.Ordinal);
        Assert.DoesNotContain("agent_sync_", content, StringComparison.Ordinal);
        Assert.DoesNotContain("SQLite format 3", content, StringComparison.Ordinal);
    }
}
