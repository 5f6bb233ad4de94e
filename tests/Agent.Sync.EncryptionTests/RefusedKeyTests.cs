using Agent.Sync.EncryptedApp;
using Agent.Sync.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace Agent.Sync.EncryptionTests;

public sealed class RefusedKeyTests : EncryptionTest
{
    private const string WrongKey = "the-wrong-key";

    [Fact]
    public async Task Sync_WithTheWrongKey_IsRefusedAndTheFileIsAsItWas()
    {
        await SyncAsync();
        var before = ReadFiles();

        var refused = await RefusedAsync(Gives(WrongKey));

        Assert.Equal(SyncErrorKind.StoreKeyRefused, refused.Kind);
        Assert.Contains("SQLite code 26", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, ReadFiles());
        Assert.Equal(AllNotes(), await ReadNotesAsync());
    }

    [Fact]
    public async Task Sync_WithTheWrongKeyOverTheLogOfAKilledProcess_LosesNothing()
    {
        await LeaveAsKilledAsync();
        var before = ReadFiles();

        Assert.Equal(SyncErrorKind.StoreKeyRefused, (await RefusedAsync(Gives(WrongKey))).Kind);

        Assert.Equal(before, ReadFiles());
        Assert.Equal(AllNotes().Skip(1).Prepend("only in the log"), await ReadNotesAsync());
    }

    [Fact]
    public async Task Sync_WithoutTheKeyOverTheLogOfAKilledProcess_LosesNothing()
    {
        await LeaveAsKilledAsync();
        var before = ReadFiles();

        var refused = await RefusedAsync(key: null);

        Assert.Equal(SyncErrorKind.StoreFailed, refused.Kind);
        Assert.Contains("set Key", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, ReadFiles());
        Assert.Equal(AllNotes().Skip(1).Prepend("only in the log"), await ReadNotesAsync());
    }

    [Fact]
    public async Task Sync_WithAKeyOnAFileThatIsNotEncrypted_IsRefusedAndTheFileIsAsItWas()
    {
        await SyncAsync(key: null);
        var before = ReadFiles();

        var refused = await RefusedAsync(Gives(Key));

        Assert.Equal(SyncErrorKind.StoreKeyRefused, refused.Kind);
        Assert.Contains("is not encrypted", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, ReadFiles());
        Assert.Equal(AllNotes(), await ReadNotesAsync(key: null));
    }

    [Fact]
    public async Task Status_WithTheWrongKey_IsRefused()
    {
        await SyncAsync();
        using NotesServer server = new(Rows);
        await using var engine = server.EngineOf(FilePath, Gives(WrongKey)).Build();

        var refused = await Assert.ThrowsAsync<SyncStoreException>(() => engine.GetStatusAsync(Token));

        Assert.Equal(SyncErrorKind.StoreKeyRefused, refused.Kind);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task Sync_WithADelegateThatGivesNoKey_MakesNoFile(string? nothing)
    {
        var refused = await RefusedAsync(Gives(nothing));

        Assert.Equal(SyncErrorKind.StoreKeyRefused, refused.Kind);
        Assert.Empty(ReadFiles());
    }

    [Fact]
    public async Task Sync_AfterADelegateThatGaveNoKey_AsksAgain()
    {
        string? key = null;
        await using var store = OpenStore(_ => new(key));
        await Assert.ThrowsAsync<SyncStoreException>(() => store.PrepareAsync(NotesServer.Notes, Token).AsTask());
        key = Key;

        await store.PrepareAsync(NotesServer.Notes, Token);

        Assert.False(IsPlain());
    }

    [Fact]
    public async Task Sync_WithADelegateThatThrows_NamesTheTypeAlone()
    {
        var refused = await RefusedAsync(static _ => throw new FormatException("secret"));

        Assert.Equal(SyncErrorKind.StoreKeyRefused, refused.Kind);
        Assert.Contains(nameof(FormatException), refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_CancelledWhileTheKeyIsAskedFor_IsCancelled()
    {
        using CancellationTokenSource source = new();
        await using var store = OpenStore(async cancellationToken =>
        {
            await source.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
            return Key;
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.PrepareAsync(NotesServer.Notes, source.Token).AsTask());
        Assert.Empty(ReadFiles());
    }

    [Fact]
    public async Task Runs_RefusedAndNot_TellNobodyTheKey()
    {
        FakeLogCollector log = new();
        using var factory = LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Trace).AddProvider(new FakeLoggerProvider(log)));
        using NotesServer server = new(Rows);
        List<string> said = [];
        foreach (var key in new[] { Key, WrongKey })
        {
            await using var engine = server.EngineOf(FilePath, Gives(key)).UseLoggerFactory(factory).Build();
            try
            {
                said.Add((await engine.SyncAsync(cancellationToken: Token)).ToString());
            }
            catch (SyncStoreException exception)
            {
                said.Add(exception.ToString());
            }
        }

        said.AddRange(log.GetSnapshot().Select(static entry => $"{entry.Message} {entry.Exception} {string.Join(' ', entry.StructuredState ?? [])}"));

        Assert.Contains(said, static text => text.Contains(nameof(SyncErrorKind.StoreKeyRefused), StringComparison.Ordinal) || text.Contains("SQLite code 26", StringComparison.Ordinal));
        Assert.True(said.Count > 2);
        Assert.All(said, static text =>
        {
            Assert.DoesNotContain(Key, text, StringComparison.Ordinal);
            Assert.DoesNotContain(WrongKey, text, StringComparison.Ordinal);
        });
    }

    private async Task<SyncStoreException> RefusedAsync(Func<CancellationToken, ValueTask<string?>>? key)
    {
        using NotesServer server = new(Rows);
        await using var engine = server.EngineOf(FilePath, key).Build();
        return await Assert.ThrowsAsync<SyncStoreException>(() => engine.SyncAsync(cancellationToken: Token));
    }
}
