namespace Agent.Sync.Files;

/// <summary>Turns what the operating system says into the typed failure of what keeps the file.</summary>
internal abstract class FileFailures
{
    // Error numbers as .NET hands them on: errno on Unix, HRESULTs of Win32 codes on Windows.
    private const int UnixNoSpace = 28;
    private const int UnixSystemOutOfFiles = 23;
    private const int UnixOutOfFiles = 24;
    private const int WindowsOutOfFiles = unchecked((int)0x80070004);
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);
    private const int WindowsSharing = unchecked((int)0x80070020);
    private const int WindowsLocked = unchecked((int)0x80070021);

    /// <summary>Says that the disk, or how it is set up, stands in the way.</summary>
    public abstract SyncStoreException Failed(string reason, bool isTransient = false, Exception? cause = null);

    /// <summary>Says that the content is not what was written.</summary>
    public abstract SyncStoreException Refused(string reason, Exception? cause = null);

    public void Guard(Action work) => Guard(() =>
    {
        work();
        return true;
    });

    public T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (UnauthorizedAccessException exception)
        {
            throw Failed("its directory may not be read or written. Check the permissions and that the disk is not read-only.", cause: exception);
        }
        catch (IOException exception) when (exception.HResult is UnixNoSpace or WindowsDiskFull or WindowsHandleDiskFull)
        {
            throw Failed("the disk is full. Free some space and try again; what was there is in place.", cause: exception);
        }
        catch (IOException exception) when (IsOutOfFiles(exception))
        {
            throw Failed("the process or the system has no free file descriptor. Close what is not needed, or raise the limit of open files; then try again.", isTransient: true, exception);
        }
        catch (IOException exception)
        {
            var isBusy = OperatingSystem.IsWindows()
                ? exception.HResult is WindowsSharing or WindowsLocked
                : exception.HResult is 4 or 11 or 16;
            throw Failed("the disk could not be read or written. Check the disk and the directory.", isBusy, exception);
        }
    }

    private static bool IsOutOfFiles(IOException exception) => OperatingSystem.IsWindows()
        ? exception.HResult == WindowsOutOfFiles
        : exception.HResult is UnixOutOfFiles or UnixSystemOutOfFiles;
}
