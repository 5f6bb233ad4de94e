using System.Text.Json;
using Agent.Sync.Cli.Events;
using Agent.Sync.Cli.Syncing;

namespace Agent.Sync.Cli.Demo;

/// <summary>The folder that a demo keeps between its runs: the backend's data, the SQLite file, and what it remembers.</summary>
internal sealed class DemoFolder : IDisposable
{
    private const int MaxSideBySide = 64;

    private const UnixFileMode PassThrough = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly string _path;
    private readonly bool _isBackendElsewhere;
    private readonly FileStream _lock;

    private DemoFolder(string path, bool isBackendElsewhere, FileStream held)
    {
        _path = path;
        _isBackendElsewhere = isBackendElsewhere;
        _lock = held;
    }

    /// <summary>Gets whether the backend has data of an earlier run.</summary>
    public bool HasBackend => Directory.Exists(BackendLink);

    public string Database => Path.Combine(_path, "artifacts.db");

    private string BackendLink => Path.Combine(_path, "backend");

    private string StateFile => Path.Combine(_path, "demo.json");

    /// <summary>Opens a folder for this process alone. Without a name, a demo beside another one takes a folder of its own.</summary>
    public static DemoFolder Open(string? named)
    {
        if (named is not null)
        {
            return TryOpen(Path.GetFullPath(named), isBackendElsewhere: false) ?? throw new UsageException($"{named} is in use by another demo: wait for it, or name another folder with --data.");
        }

        // As root, PostgreSQL runs as another user, to whom the current folder may be closed.
        var isBackendElsewhere = !OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess;
        var start = Path.GetFullPath("agent-sync-demo");
        for (var number = 1; number <= MaxSideBySide; number++)
        {
            if (TryOpen(number == 1 ? start : $"{start}-{number}", isBackendElsewhere) is { } folder)
            {
                return folder;
            }
        }

        throw new UsageException($"{MaxSideBySide} demos are running already: name a folder with --data.");
    }

    /// <summary>Chooses the folder of the backend's data where there is none.</summary>
    /// <returns>Its path, with no link in it.</returns>
    public string PrepareBackend()
    {
        if (_isBackendElsewhere && !HasBackend)
        {
            // It may be a link that leads nowhere: temporary folders are removed in time.
            File.Delete(BackendLink);
            Directory.CreateSymbolicLink(BackendLink, Directory.CreateTempSubdirectory("agent-sync-demo-").FullName);
        }

        var target = HasBackend ? Directory.ResolveLinkTarget(BackendLink, returnFinalTarget: true) : null;
        return target?.FullName ?? BackendLink;
    }

    /// <summary>Writes what the demo syncs where the other commands can be pointed at it.</summary>
    public ToolFile WriteToolFile()
    {
        var path = Path.Combine(_path, ToolFile.DefaultName);
        File.WriteAllBytes(path, ToolFile.Resource(ToolFile.DefaultName));
        return ToolFile.Read(path);
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

        if (HasBackend)
        {
            var target = Directory.ResolveLinkTarget(BackendLink, returnFinalTarget: true);
            Directory.Delete(BackendLink, recursive: true);
            if (target is not null)
            {
                Directory.Delete(target.FullName, recursive: true);
            }
        }
    }

    public void Dispose() => _lock.Dispose();

    private static DemoFolder? TryOpen(string path, bool isBackendElsewhere)
    {
        Directory.CreateDirectory(path);
        if (!OperatingSystem.IsWindows())
        {
            // The user PostgreSQL runs as has to get through to its own folder, and nobody else sees what is here.
            File.SetUnixFileMode(path, PassThrough);
        }

        try
        {
            return new DemoFolder(path, isBackendElsewhere, new FileStream(Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException)
        {
            return null;
        }
    }
}
