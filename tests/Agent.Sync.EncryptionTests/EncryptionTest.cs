using System.Text;
using Agent.Sync.EncryptedApp;
using Agent.Sync.IntegrationTests.Processes;
using Agent.Sync.Sqlite;
using Microsoft.Data.Sqlite;

namespace Agent.Sync.EncryptionTests;

/// <summary>A folder, a key, and short ways to say what a test is about.</summary>
public abstract class EncryptionTest : IDisposable
{
    /// <summary>A passphrase that no statement may take apart.</summary>
    protected const string Key = "it's a \"key\"; DROP TABLE notes; -- ключ";

    protected const int Rows = 300;

    private const string PlainHeader = "SQLite format 3\0";

    private readonly string _folder = Directory.CreateTempSubdirectory("agent-sync-encryption-").FullName;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected string FilePath => Path.Combine(_folder, "app.db");

    protected string Library { get; } = CipherBuild.Library;

    public virtual void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected static Func<CancellationToken, ValueTask<string?>> Gives(string? key) => _ => ValueTask.FromResult(key);

    protected SqliteStore OpenStore(Func<CancellationToken, ValueTask<string?>>? key) => new(new SqliteStoreOptions { DatabasePath = FilePath, Key = key });

    /// <summary>Syncs <see cref="Rows"/> notes into the file, encrypted or not, and closes it.</summary>
    protected async Task SyncAsync(string? key = Key)
    {
        using NotesServer server = new(Rows);
        await using var engine = server.EngineOf(FilePath, key is null ? null : Gives(key)).Build();
        Assert.Equal(Rows, (await engine.SyncAsync(cancellationToken: Token)).Applied);
    }

    /// <summary>Reads the notes as an app does.</summary>
    protected async Task<List<string>> ReadNotesAsync(string? key = Key)
    {
        SqliteConnectionStringBuilder builder = new() { DataSource = FilePath, Pooling = false };
        if (key is not null)
        {
            builder.Password = key;
        }

        await using SqliteConnection connection = new(builder.ToString());
        await connection.OpenAsync(Token);
        await using SqliteCommand command = new("SELECT body FROM notes ORDER BY id", connection);
        await using var reader = await command.ExecuteReaderAsync(Token);
        List<string> notes = [];
        while (await reader.ReadAsync(Token))
        {
            notes.Add(reader.GetString(0));
        }

        return notes;
    }

    protected static IEnumerable<string> AllNotes(int rows = Rows) => Enumerable.Range(1, rows).Select(static id => $"{NotesServer.Canary} {id}");

    /// <summary>Puts the files aside as they would be after a kill: the log is beside the database, and nobody has closed it.</summary>
    protected async Task LeaveAsKilledAsync()
    {
        await SyncAsync();
        var copy = Path.Combine(_folder, "copy.db");
        using NotesServer server = new(Rows);
        server.Table.Update("""{"body":"only in the log"}""", "1");
        await using (var engine = server.EngineOf(FilePath, Gives(Key)).Build())
        {
            Assert.Equal(1, (await engine.SyncAsync(cancellationToken: Token)).Applied);
            File.Copy(FilePath, copy);
            File.Copy(FilePath + "-wal", copy + "-wal");
        }

        File.Move(copy, FilePath, overwrite: true);
        File.Move(copy + "-wal", FilePath + "-wal", overwrite: true);
    }

    /// <summary>Returns the bytes of the database and its log, one character each; a log without content is as good as none.</summary>
    protected Dictionary<string, string> ReadFiles() => Directory.EnumerateFiles(_folder)
        .Where(static file => !file.EndsWith("-shm", StringComparison.Ordinal) && !(file.EndsWith("-wal", StringComparison.Ordinal) && new FileInfo(file).Length == 0))
        .ToDictionary(static file => Path.GetFileName(file), static file => Encoding.Latin1.GetString(ReadShared(file)));

    protected bool IsPlain() => ReadFiles()[Path.GetFileName(FilePath)].StartsWith(PlainHeader, StringComparison.Ordinal);

    internal ChildProcess StartApp(string command, params IEnumerable<string> arguments) => ChildProcess.StartDotnet(
        _folder, new Dictionary<string, string>(), ["exec", Path.Combine(AppContext.BaseDirectory, "Agent.Sync.EncryptedApp.dll"), command, FilePath, .. arguments]);

    internal async Task<ProcessEnd> RunAppAsync(string command, params IEnumerable<string> arguments)
    {
        await using var app = StartApp(command, arguments);
        return await app.WaitForExitAsync();
    }

    private static byte[] ReadShared(string file)
    {
        using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
