namespace Agent.Sync.Sqlite.Tests.Database;

/// <summary>A key for the SQLite of Microsoft.Data.Sqlite, which does not encrypt.</summary>
public sealed class DatabaseKeyTests : StoreTest
{
    [Fact]
    public async Task Prepare_WithAKey_IsRefusedAndNothingIsWritten()
    {
        using var store = OpenStore(static options => options.Key = static _ => ValueTask.FromResult<string?>("the-key"));

        var refused = await Assert.ThrowsAsync<SyncStoreException>(async () => await store.PrepareAsync(Notes, Token));

        Assert.Equal(SyncErrorKind.StoreKeyRefused, refused.Kind);
        Assert.Contains("e_sqlite3", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Agent.Sync.Sqlite.Core", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("the-key", refused.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, new FileInfo(FilePath).Length);
    }

    [Fact]
    public async Task Prepare_WithAKeyOnAFileWithRows_LeavesItAsItIs()
    {
        await StartAsync(Notes, Note(1, "a"));
        using var store = OpenStore(static options => options.Key = static _ => ValueTask.FromResult<string?>("the-key"));

        await Assert.ThrowsAsync<SyncStoreException>(async () => await store.PrepareAsync(Notes, Token));

        Assert.Equal("a", BodyOf(1));
    }
}
