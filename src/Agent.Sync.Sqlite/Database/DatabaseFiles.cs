namespace Agent.Sync.Sqlite.Database;

/// <summary>The files of an open database. A connection whose files were replaced goes on in the old ones, and what it writes is seen by nobody.</summary>
internal sealed class DatabaseFiles
{
    private readonly string _path;
    private readonly List<KnownFile> _main = [];
    private readonly List<KnownFile> _beside = [];

    private DatabaseFiles(string path) => _path = path;

    /// <summary>Gets a value indicating whether the files were found replaced.</summary>
    public bool WereReplaced { get; private set; }

    /// <summary>Gets a value indicating whether the log and its index are still those of the connection.</summary>
    public bool HasOwnLog => _beside.TrueForAll(IsSame);

    /// <summary>Remembers the database itself, before it is opened.</summary>
    public static DatabaseFiles Of(string path)
    {
        var files = new DatabaseFiles(path);
        Remember(files._main, path);
        return files;
    }

    /// <summary>Remembers the log and its index, which SQLite puts beside the file that it has found behind the path's links.</summary>
    public void RememberLog(string foundPath)
    {
        Remember(_beside, foundPath + "-wal");
        Remember(_beside, foundPath + "-shm");
    }

    /// <exception cref="SyncStoreException">The path leads to another file now, or to none.</exception>
    public void RequireSame()
    {
        if (!_main.TrueForAll(IsSame) || !HasOwnLog)
        {
            WereReplaced = true;
            throw new SyncStoreException(
                SyncErrorKind.StoreFailed,
                $"The database '{_path}', or the -wal or -shm file beside it, was replaced, moved or deleted while the store had it open. Nothing of what was under way was written. "
                + "Sync again to go on with the file that is there now; before you replace a database, dispose the engine.",
                isTransient: true);
        }
    }

    private static void Remember(List<KnownFile> files, string path)
    {
        if (FileIdentity.TryRead(path, out var found) && found is { } identity)
        {
            files.RemoveAll(file => string.Equals(file.Path, path, StringComparison.Ordinal));
            files.Add(new KnownFile(path, identity));
        }
    }

    private static bool IsSame(KnownFile file) => !FileIdentity.TryRead(file.Path, out var now) || now == file.Identity;

    /// <summary>An object: each process would compile a collection of the identity itself anew.</summary>
    private sealed class KnownFile(string path, FileIdentity identity)
    {
        public string Path => path;

        public FileIdentity Identity => identity;
    }
}
