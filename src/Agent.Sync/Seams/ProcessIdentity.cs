using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Agent.Sync.Checkpoints;

namespace Agent.Sync.Seams;

/// <summary>Names this process so that another one of the same machine and boot can tell whether it still runs.</summary>
internal static class ProcessIdentity
{
    /// <summary>Where there is no exact start time, clocks that were set in between move it by this much at most.</summary>
    private const long Tolerance = 60;

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
            return Math.Abs(StartOf(process) - holder.ProcessStarted) > (OperatingSystem.IsLinux() ? 0 : Tolerance);
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

    private static long StartOf(Process process)
    {
        if (!OperatingSystem.IsLinux())
        {
            return process.StartTime.ToUniversalTime().Ticks / TimeSpan.TicksPerSecond;
        }

        try
        {
            // proc(5): field 22 counts clock ticks since boot; the command in field 2 may hold spaces and brackets.
            var stat = File.ReadAllText($"/proc/{process.Id}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return long.Parse(fields[19], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            throw new InvalidOperationException("The process has ended.");
        }
    }

    private static string NameMachine()
    {
        // A container shares its host's boot id but not its process numbers: the host name tells them apart.
        var boot = OperatingSystem.IsLinux() && File.Exists(BootIdFile) ? File.ReadAllText(BootIdFile) : string.Empty;
        var name = Encoding.UTF8.GetBytes($"{Environment.MachineName}\0{boot}");
        return Convert.ToHexStringLower(SHA256.HashData(name).AsSpan(0, 8));
    }
}
