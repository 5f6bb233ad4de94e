using System.Text.Json;

namespace QuickStart.Demo;

/// <summary>The folder that a demo keeps between its runs: the backend's data, the SQLite file, and what it remembers.</summary>
internal sealed class DemoFolder : IDisposable
{
    private const int MaxSideBySide = 64;

    private readonly string _path;
    private readonly FileStream _lock;

    private DemoFolder(string path, FileStream held)
    {
        _path = path;
        _lock = held;
    }

    public string Backend => Path.Combine(_path, "backend");

    public string Database => Path.Combine(_path, "artifacts.db");

    private string StateFile => Path.Combine(_path, "demo.json");

    /// <summary>Opens a folder for this process alone. Without a name, a demo beside another one takes a folder of its own.</summary>
    public static DemoFolder Open(string? named)
    {
        if (named is not null)
        {
            return TryOpen(Path.GetFullPath(named)) ?? throw new UsageException($"{named} is in use by another demo: wait for it, or name another folder with --data.");
        }

        var start = DefaultPath();
        for (var number = 1; number <= MaxSideBySide; number++)
        {
            if (TryOpen(number == 1 ? start : $"{start}-{number}") is { } folder)
            {
                return folder;
            }
        }

        throw new UsageException($"{MaxSideBySide} demos are running already: name a folder with --data.");
    }

    public DemoState? ReadState()
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(StateFile), DemoJsonContext.Default.DemoState);
        }
        catch (Exception exception) when (exception is FileNotFoundException or JsonException)
        {
            return null;
        }
    }

    public void WriteState(DemoState state) => File.WriteAllBytes(StateFile, JsonSerializer.SerializeToUtf8Bytes(state, DemoJsonContext.Default.DemoState));

    /// <summary>Forgets everything but the folder itself.</summary>
    public void Clear()
    {
        File.Delete(StateFile);
        foreach (var suffix in (string[])["", "-wal", "-shm"])
        {
            File.Delete(Database + suffix);
        }

        if (Directory.Exists(Backend))
        {
            Directory.Delete(Backend, recursive: true);
        }
    }

    public void Dispose() => _lock.Dispose();

    private static DemoFolder? TryOpen(string path)
    {
        Directory.CreateDirectory(path);
        if (!OperatingSystem.IsWindows())
        {
            // As root, PostgreSQL runs as another user, who has to get through to its own folder.
            File.SetUnixFileMode(path, (UnixFileMode)0b111_001_001);
        }

        try
        {
            return new DemoFolder(path, new FileStream(Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static string DefaultPath()
    {
        // Root's home is closed to the user PostgreSQL runs as.
        if (!OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess)
        {
            return "/var/lib/agent-sync-demo";
        }

        var home = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create);
        return Path.Combine(home.Length > 0 ? home : Path.GetTempPath(), "agent-sync-demo");
    }
}
