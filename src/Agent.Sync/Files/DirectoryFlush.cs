using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Agent.Sync.Files;

/// <summary>Makes a rename durable: on Linux and macOS a directory is flushed by a handle of its own, which .NET does not open.</summary>
internal static partial class DirectoryFlush
{
    private const int ReadOnly = 0;
    private const int InvalidArgument = 22;
    private const int CloseOnExecLinux = 0x80000;
    private const int CloseOnExecMac = 0x1000000;

    public static void Flush(string? directory)
    {
        // Windows has no such call: NTFS journals the rename itself.
        if (directory is not null && (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS()))
        {
            FlushUnix(directory);
        }
    }

    [SupportedOSPlatform("linux")]
    [SupportedOSPlatform("macos")]
    private static void FlushUnix(string directory)
    {
        var handle = Open(directory, ReadOnly | (OperatingSystem.IsLinux() ? CloseOnExecLinux : CloseOnExecMac));
        if (handle < 0)
        {
            throw Failure();
        }

        try
        {
            // Some file systems (FUSE, SMB) cannot flush a directory and say so with EINVAL.
            if (Sync(handle) != 0 && Marshal.GetLastPInvokeError() != InvalidArgument)
            {
                throw Failure();
            }
        }
        finally
        {
            _ = Close(handle);
        }
    }

    private static IOException Failure()
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"The directory could not be flushed (error {error}).", error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Sync(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int handle);
}
