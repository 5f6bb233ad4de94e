using System.Security.Cryptography;

namespace Agent.Sync.Files;

/// <summary>A directory with files that only their owner may read: every touch of the disk, with its guards, is here.</summary>
/// <param name="path">The directory.</param>
/// <param name="failures">What is thrown where a guard refuses.</param>
internal sealed class PrivateDirectory(string path, FileFailures failures)
{
    private const UnixFileMode FileMode0600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode DirectoryMode0700 = FileMode0600 | UnixFileMode.UserExecute;
    private const UnixFileMode OthersMayWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    private const string TemporaryEnding = ".tmp";

    private readonly string _path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));

    public string PathOf(string name) => Path.Combine(_path, name);

    /// <summary>Makes the directory for its owner alone, or checks that the one there is no link and no one else's to write.</summary>
    public void Prepare()
    {
        Create();
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(_path) & OthersMayWrite) != 0)
        {
            throw failures.Failed("other users may write to its directory. Give it to its owner alone (mode 0700), or name a new one.");
        }
    }

    /// <summary>Makes the directory for its owner alone, or checks that the one there is no link.</summary>
    public void Create()
    {
        RequireNoLink(new DirectoryInfo(_path));
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(_path);
            return;
        }

        if (!Directory.Exists(_path))
        {
            Directory.CreateDirectory(_path, DirectoryMode0700);
            DirectoryFlush.Flush(Path.GetDirectoryName(_path));
        }
    }

    /// <summary>Reads a whole file, or returns null when there is none.</summary>
    public byte[]? Read(string name, int maxLength)
    {
        RequireNoLink(new DirectoryInfo(_path));
        var file = new FileInfo(PathOf(name));
        RequireNoLink(file);
        try
        {
            using var stream = PlainFile.OpenRead(file.FullName);
            if (stream is null)
            {
                return null;
            }

            if (!stream.CanSeek)
            {
                throw failures.Refused("a pipe or a device lies in place of a file of it");
            }

            if (stream.Length > maxLength)
            {
                throw failures.Refused("a file of it is longer than any that is written there");
            }

            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (EndOfStreamException exception)
        {
            throw failures.Refused("a file of it was cut while it was read", exception);
        }
    }

    /// <summary>Replaces a file so that a crash at any point leaves the old or the new one, whole.</summary>
    public void Replace(string name, ReadOnlySpan<byte> bytes)
    {
        RequireNoLink(new FileInfo(PathOf(name)));
        var temporary = PathOf($"{name}.{RandomNumberGenerator.GetHexString(16, lowercase: true)}{TemporaryEnding}");
        try
        {
            using (var stream = new FileStream(temporary, NewFile(FileMode.CreateNew, FileShare.None)))
            {
                stream.Write(bytes);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, PathOf(name), overwrite: true);
        }
        catch
        {
            TryDelete(temporary);
            throw;
        }

        DirectoryFlush.Flush(_path);
    }

    public void Rename(string from, string to)
    {
        File.Move(PathOf(from), PathOf(to), overwrite: true);
        DirectoryFlush.Flush(_path);
    }

    /// <summary>Tells when a file was last written; null when there is none.</summary>
    public DateTime? LastWrite(string name) => new FileInfo(PathOf(name)) is { Exists: true } file ? file.LastWriteTimeUtc : null;

    public bool Exists(string name) => File.Exists(PathOf(name)) || new FileInfo(PathOf(name)).LinkTarget is not null;

    public void Delete(string name) => File.Delete(PathOf(name));

    /// <summary>Lists the files whose name starts so.</summary>
    public IEnumerable<string> List(string prefix) => Directory.EnumerateFiles(_path, prefix + "*").Select(static file => Path.GetFileName(file));

    /// <summary>Removes what a killed process left half-written. The caller holds the lock that writers of these files hold.</summary>
    public void SweepTemporaries(string prefix)
    {
        foreach (var name in List(prefix).Where(static name => name.EndsWith(TemporaryEnding, StringComparison.Ordinal)).ToArray())
        {
            TryDelete(PathOf(name));
        }
    }

    /// <summary>Takes an exclusive lock that the operating system frees when the process dies; null while somebody else has it.</summary>
    public FileStream? TryLock(string name)
    {
        RequireNoLink(new FileInfo(PathOf(name)));
        try
        {
            // .NET turns "no sharing" into flock on Unix, which also excludes other handles of this process.
            return new FileStream(PathOf(name), NewFile(FileMode.OpenOrCreate, FileShare.None));
        }
        catch (IOException exception) when (IsLocked(exception))
        {
            return null;
        }
    }

    private static FileStreamOptions NewFile(FileMode mode, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = FileMode0600;
        }

        return options;
    }

    private static bool IsLocked(IOException exception) => OperatingSystem.IsWindows()
        ? (exception.HResult & 0xFFFF) is 32 or 33
        : exception.HResult == (OperatingSystem.IsMacOS() || OperatingSystem.IsIOS() || OperatingSystem.IsFreeBSD() ? 35 : 11);

    private void RequireNoLink(FileSystemInfo entry)
    {
        if (entry.LinkTarget is not null)
        {
            throw failures.Failed("its directory or one of its files is a symbolic link. Name the real directory, and remove links in it.");
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Left for the next sweep: the failure that matters is the caller's.
        }
    }
}
