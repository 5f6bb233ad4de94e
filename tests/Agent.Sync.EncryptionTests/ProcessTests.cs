using System.Globalization;
using Agent.Sync.EncryptedApp;

namespace Agent.Sync.EncryptionTests;

public sealed class ProcessTests : EncryptionTest
{
    private const int ManyRows = 3_000;

    [Fact]
    public async Task Sync_KilledHalfway_GoesOnWithTheSameKey()
    {
        int committed;
        await using (var app = StartApp("sync-half", Library, Key, ManyRows.ToString(CultureInfo.InvariantCulture)))
        {
            committed = await app.WaitForLineAsync(static line => line.StartsWith("at ", StringComparison.Ordinal) ? int.Parse(line[3..], CultureInfo.InvariantCulture) : (int?)null);
            app.Kill();
            await app.WaitForExitAsync();
        }

        Assert.True(File.Exists(FilePath + "-wal"));
        using NotesServer server = new(ManyRows);
        await using var engine = server.EngineOf(FilePath, Gives(Key)).Build();
        var result = await engine.SyncAsync(cancellationToken: Token);

        Assert.Equal((SyncOutcome.Completed, ManyRows - committed), (result.Outcome, (int)result.Applied));
        Assert.Equal(AllNotes(ManyRows), await ReadNotesAsync());
    }

    [Fact]
    public async Task Edit_OfAnotherProcess_IsPushedWhileTheStoreIsOpen()
    {
        using NotesServer server = new(Rows);
        await using var engine = server.EngineOf(FilePath, Gives(Key)).Build();
        await engine.SyncAsync(cancellationToken: Token);

        (await RunAppAsync("edit", Library, Key)).AssertExitCode(0);
        var result = await engine.SyncAsync(cancellationToken: Token);

        Assert.Equal(1, Assert.Single(result.Datasets).Pushed);
        Assert.Contains("edited elsewhere", server.Table.FindRow("1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Store_OfAnAppWithoutASqlite_NamesThePackages()
    {
        var end = (await RunAppAsync("prepare")).AssertExitCode(0);

        Assert.StartsWith("StoreFailed: ", end.Out, StringComparison.Ordinal);
        Assert.Contains("Agent.Sync.Sqlite,", end.Out, StringComparison.Ordinal);
        Assert.Contains("SQLite3MC.PCLRaw.bundle", end.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Store_OverALibraryThatTakesTheKeyAndEncryptsNothing_WritesNoTable()
    {
        var end = (await RunAppAsync("prepare-hollow", Library, Key)).AssertExitCode(0);

        Assert.StartsWith("StoreKeyRefused: ", end.Out, StringComparison.Ordinal);
        Assert.Contains("cannot encrypt", end.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("CREATE TABLE", string.Concat(ReadFiles().Values), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Store_OverALibraryThatTakesTheKeyAndEncryptsNothing_LeavesAPlainFileAsItIs()
    {
        await SyncAsync(key: null);
        var before = ReadFiles();

        var end = (await RunAppAsync("prepare-hollow", Library, Key)).AssertExitCode(0);

        Assert.StartsWith("StoreKeyRefused: ", end.Out, StringComparison.Ordinal);
        Assert.Equal(before, ReadFiles());
    }
}
