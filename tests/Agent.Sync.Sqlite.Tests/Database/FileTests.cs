namespace Agent.Sync.Sqlite.Tests.Database;

public sealed class FileTests : StoreTest
{
    [Fact]
    public async Task Open_NewFile_IsInWalModeWithLargePages()
    {
        await Store.PrepareAsync(Notes, Token);

        Assert.Equal("wal", Scalar("PRAGMA journal_mode"));
        Assert.Equal(16_384L, Scalar("PRAGMA page_size"));
    }

    [Fact]
    public async Task Open_FileOfTheApp_KeepsItsPageSize()
    {
        Execute("PRAGMA page_size = 4096; CREATE TABLE own (id INTEGER)");

        await Store.PrepareAsync(Notes, Token);
        Store.Dispose();
        Execute("VACUUM");

        Assert.Equal(4096L, Scalar("PRAGMA page_size"));
    }

    [Fact]
    public async Task Open_NewFile_IsReadableByItsOwnerOnly()
    {
        await StartAsync(Notes, Note(1, "a"));

        foreach (var path in new[] { FilePath, FilePath + "-wal", FilePath + "-shm" })
        {
            // Windows has other permissions.
            Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(path) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }
    }

    [Theory]
    [InlineData(SqliteSynchronous.Full, 2L)]
    [InlineData(SqliteSynchronous.Normal, 1L)]
    public async Task Open_Synchronous_IsAsConfigured(SqliteSynchronous synchronous, long expected)
    {
        var statements = new List<string>();
        using var store = OpenStore(
            options => options.Synchronous = synchronous,
            (_, sql) =>
            {
                statements.Add(sql);
                return 0;
            });

        await store.PrepareAsync(Notes, Token);

        Assert.Contains($"PRAGMA synchronous = {(expected == 2 ? "FULL" : "NORMAL")}", statements);
        Assert.Contains("PRAGMA wal_autocheckpoint = 1024", statements);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(" ")]
    [InlineData(":memory:")]
    [InlineData("file:app.db?mode=memory")]
    public void Constructor_PathOfNoFile_IsRefused(string? path) =>
        Assert.Throws<ArgumentException>(() => new SqliteStore(new SqliteStoreOptions { DatabasePath = path }));

    [Theory]
    [InlineData(1000)]
    [InlineData(256)]
    [InlineData(131_072)]
    public void Constructor_PageSizeOutOfRange_IsRefused(int pageSize) =>
        Assert.Throws<ArgumentException>(() => OpenStore(options => options.PageSize = pageSize));

    [Theory]
    [InlineData(-1)]
    [InlineData(601)]
    public void Constructor_BusyTimeoutOutOfRange_IsRefused(int seconds) =>
        Assert.Throws<ArgumentException>(() => OpenStore(options => options.BusyTimeout = TimeSpan.FromSeconds(seconds)));
}
