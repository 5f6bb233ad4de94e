using System.Globalization;

namespace Agent.Sync.Sqlite.Database;

/// <summary>Looks at the free space of the drive that holds the file.</summary>
internal static class DiskSpace
{
    private const long Mebibyte = 1024 * 1024;

    /// <summary>A commit and the write-ahead log need room for less than this.</summary>
    private const long Least = 32 * Mebibyte;

    private const long Comfortable = 256 * Mebibyte;

    public static Finding Look(string path)
    {
        try
        {
            return Of(new DriveInfo(Path.GetDirectoryName(path)!).AvailableFreeSpace);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return new Finding { Code = FindingCodes.Disk, Severity = FindingSeverity.Unknown, What = "The free space of the drive that holds the local file cannot be read." };
        }
    }

    /// <param name="free">The bytes that this user may still write.</param>
    public static Finding Of(long free) => free switch
    {
        < Least => new Finding
        {
            Code = FindingCodes.Disk,
            Severity = FindingSeverity.Error,
            What = $"The drive that holds the local file has {Words(free)} left.",
            Why = "A commit may fail. What was committed stays, and the sync goes on there once there is room.",
            Mend = "Make room on the drive, or move the file.",
        },
        < Comfortable => new Finding
        {
            Code = FindingCodes.Disk,
            Severity = FindingSeverity.Warning,
            What = $"The drive that holds the local file has {Words(free)} left.",
            Why = "A first sync of a large table may fill it.",
            Mend = "Make room on the drive, or move the file.",
        },
        _ => new Finding { Code = FindingCodes.Disk, Severity = FindingSeverity.Ok, What = "The drive that holds the local file has room." },
    };

    private static string Words(long free) => string.Create(CultureInfo.InvariantCulture, $"{free / Mebibyte} MiB");
}
