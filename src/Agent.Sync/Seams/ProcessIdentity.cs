using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Agent.Sync.Checkpoints;

namespace Agent.Sync.Seams;

/// <summary>Names this process so that another one of the same machine and boot can tell whether it still runs.</summary>
internal static class ProcessIdentity
{
    private const string BootIdFile = "/proc/sys/kernel/random/boot_id";

    private static readonly string Machine = NameMachine();

    public static LeaseOwner CreateOwner()
    {
        using var process = Process.GetCurrentProcess();
        return new LeaseOwner(Machine, Environment.ProcessId, StartOf(process), Guid.NewGuid());
    }

    /// <summary>Says yes only when it is certain: another machine's process may be alive.</summary>
    public static bool IsGone(LeaseOwner holder)
    {
        if (!string.Equals(holder.Machine, Machine, StringComparison.Ordinal))
        {
            return false;
        }

        try
        {
            using var process = Process.GetProcessById(holder.ProcessId);
            return StartOf(process) != holder.ProcessStarted;
        }
        catch (ArgumentException)
        {
            return true;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // The process is there, but its start time is not ours to see.
            return false;
        }
    }

    private static long StartOf(Process process) => process.StartTime.ToUniversalTime().Ticks / TimeSpan.TicksPerSecond;

    private static string NameMachine()
    {
        // A container shares its host's boot id but not its process numbers: the host name tells them apart.
        var boot = OperatingSystem.IsLinux() && File.Exists(BootIdFile) ? File.ReadAllText(BootIdFile) : string.Empty;
        var name = Encoding.UTF8.GetBytes($"{Environment.MachineName}\0{boot}");
        return Convert.ToHexStringLower(SHA256.HashData(name).AsSpan(0, 8));
    }
}
