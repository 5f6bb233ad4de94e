using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Agent.Sync.Sqlite.Database;

/// <summary>Which file a path leads to: its device, and its number there. .NET does not tell either.</summary>
internal readonly partial record struct FileIdentity(ulong Device, ulong Number)
{
    private const int CurrentDirectory = -100;
    private const uint AskForNumber = 0x100;
    private const int NoSuchFile = 2;
    private const int NotADirectory = 20;

    // Both structures are shorter.
    private const int Room = 512;

    /// <summary>Finds out where a path leads, through its links.</summary>
    /// <returns>False where that cannot be told. On Windows a file cannot be replaced while SQLite has it open, so nobody has to ask.</returns>
    public static bool TryRead(string path, out FileIdentity? found)
    {
        found = null;
        try
        {
            return (OperatingSystem.IsLinux() && TryReadLinux(path, out found))
                || ((OperatingSystem.IsMacOS() || OperatingSystem.IsIOS()) && TryReadApple(path, out found));
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or DllNotFoundException)
        {
            // A C library from before 2018.
            return false;
        }
    }

    [SupportedOSPlatform("linux")]
    private static bool TryReadLinux(string path, out FileIdentity? found)
    {
        Span<byte> answer = stackalloc byte[Room];
        if (StatX(CurrentDirectory, path, 0, AskForNumber, ref MemoryMarshal.GetReference(answer)) != 0)
        {
            return IsMissing(out found);
        }

        // statx(2): stx_ino at 32, stx_dev_major and stx_dev_minor at 136, on every architecture.
        found = new FileIdentity(
            ((ulong)MemoryMarshal.Read<uint>(answer[136..]) << 32) | MemoryMarshal.Read<uint>(answer[140..]), MemoryMarshal.Read<ulong>(answer[32..]));
        return true;
    }

    private static bool TryReadApple(string path, out FileIdentity? found)
    {
        Span<byte> answer = stackalloc byte[Room];
        ref var first = ref MemoryMarshal.GetReference(answer);
        if ((RuntimeInformation.ProcessArchitecture == Architecture.X64 ? Stat64(path, ref first) : Stat(path, ref first)) != 0)
        {
            return IsMissing(out found);
        }

        // stat(2) with 64-bit numbers: st_dev at 0, st_ino at 8.
        found = new FileIdentity(BinaryPrimitives.ReadUInt32LittleEndian(answer), BinaryPrimitives.ReadUInt64LittleEndian(answer[8..]));
        return true;
    }

    private static bool IsMissing(out FileIdentity? found)
    {
        found = null;
        return Marshal.GetLastPInvokeError() is NoSuchFile or NotADirectory;
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int StatX(int directory, string path, int flags, uint mask, ref byte answer);

    [LibraryImport("libc", EntryPoint = "stat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Stat(string path, ref byte answer);

    [LibraryImport("libc", EntryPoint = "stat$INODE64", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Stat64(string path, ref byte answer);
}
