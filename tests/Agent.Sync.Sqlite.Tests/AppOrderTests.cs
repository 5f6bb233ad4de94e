using Agent.Sync.Stores;
using Microsoft.EntityFrameworkCore;

namespace Agent.Sync.Sqlite.Tests;

/// <summary>The app asks and syncs before its own migrations have made the tables.</summary>
public sealed class AppOrderTests : StoreTest
{
    [Fact]
    public async Task Look_NoFile_MakesNone()
    {
        await LookAsync(Store);

        Assert.Empty(Directory.EnumerateFileSystemEntries(DirectoryPath));
    }

    [Fact]
    public async Task Look_NoDirectory_IsNothing()
    {
        using var store = OpenStore(options => options.DatabasePath = Path.Combine(DirectoryPath, "missing", "app.db"));

        await LookAsync(store);
    }

    [Fact]
    public async Task Look_FileOfTheApp_LeavesItAsItIs()
    {
        Execute("CREATE TABLE own (id INTEGER)");
        var before = await File.ReadAllBytesAsync(FilePath, Token);

        await LookAsync(Store);
        Store.Dispose();

        Assert.Equal(before, await File.ReadAllBytesAsync(FilePath, Token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Prepare_MayNotMakeTables_SaysWhatToDoAndLeavesEntityFrameworkAnEmptyDatabase(bool hasFile)
    {
        if (hasFile)
        {
            await File.WriteAllBytesAsync(FilePath, [], Token);
        }

        using var store = OpenStore(static options => options.CreateMissingTables = false);

        var refusal = await Assert.ThrowsAsync<SyncSchemaException>(async () => await store.GetOrCreateKeyAsync(Token));

        Assert.Equal(SyncErrorKind.LocalSchema, refusal.Kind);
        Assert.Contains("MigrateAsync", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(hasFile, File.Exists(FilePath));
        await using (var model = new EntityFramework.AppContext(FilePath, blobKeys: false))
        {
            Assert.True(await model.Database.EnsureCreatedAsync(Token));
        }

        await store.GetOrCreateKeyAsync(Token);
    }

    [Fact]
    public async Task Prepare_MayNotMakeTablesAndOneIsMissing_IsRefused()
    {
        Execute("CREATE TABLE own (id INTEGER)");
        using var store = OpenStore(static options => options.CreateMissingTables = false);

        var refusal = await Assert.ThrowsAsync<SyncSchemaException>(async () => await store.PrepareAsync(Notes, Token));

        Assert.Equal((SyncErrorKind.LocalSchema, "notes"), (refusal.Kind, refusal.Dataset));
        Assert.Equal(0L, Scalar("SELECT count(*) FROM sqlite_schema WHERE name = 'notes'"));
        Execute("CREATE TABLE notes (id INTEGER NOT NULL PRIMARY KEY, body TEXT)");
        await store.PrepareAsync(Notes, Token);
    }

    private static async Task LookAsync(SqliteStore store)
    {
        Assert.Null(await store.ReadAsync(CheckpointId.For(Notes), Token));
        Assert.Equal(default, await store.CountChangesAsync(Notes, Token));
        Assert.Empty(await store.ListChangesAsync(Notes, null, 0, 10, Token));
    }
}
