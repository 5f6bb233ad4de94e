using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Agent.Sync.Files;

/// <summary>Opens a file to read it. Whoever opens a pipe in its place waits until somebody writes to it, and .NET neither tells a pipe from a file nor opens without waiting.</summary>
internal static partial class PlainFile
{
    private const int ReadOnly = 0;
    private const int NotPermitted = 1;
    private const int NoSuchFile = 2;
    private const int NoAccess = 13;
    private const int NotADirectory = 20;

    // Close on exec, and do not wait.
    private const int FlagsLinux = 0x80000 | 0x800;
    private const int FlagsMac = 0x1000000 | 0x4;

    /// <summary>Returns null when there is no such file. The stream of a pipe cannot seek.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read, or is a directory.</exception>
    public static FileStream? OpenRead(string path)
    {
        if (Directory.Exists(path))
        {
            throw new UnauthorizedAccessException("It is a directory.");
        }

        return OperatingSystem.IsLinux() || OperatingSystem.IsMacOS() ? OpenUnix(path) : OpenAnywhere(path);
    }

    private static FileStream? OpenAnywhere(string path)
    {
        try
        {
            return new FileStream(path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 });
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    [SupportedOSPlatform("linux")]
    [SupportedOSPlatform("macos")]
    private static FileStream? OpenUnix(string path)
    {
        var handle = Open(path, ReadOnly | (OperatingSystem.IsLinux() ? FlagsLinux : FlagsMac));
        if (handle >= 0)
        {
            return new FileStream(new SafeFileHandle(handle, ownsHandle: true), FileAccess.Read, bufferSize: 0);
        }

        var error = Marshal.GetLastPInvokeError();
        return error switch
        {
            NoSuchFile or NotADirectory => null,
            NoAccess or NotPermitted => throw new UnauthorizedAccessException("It may not be read."),
            _ => throw new IOException($"A file could not be opened (error {error}).", error),
        };
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);
}
