using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Agent.Sync.Stores;

namespace Agent.Sync.Seams;

/// <summary>Names this process so that another one of the same machine and boot can tell whether it still runs. Safe for concurrent use.</summary>
/// <param name="proc">Where Linux tells about processes.</param>
/// <param name="processId">This process's number.</param>
/// <param name="isRunning">Tells whether a process of that number runs.</param>
internal sealed class ProcessIdentity(string proc, int processId, Func<int, bool> isRunning)
{
    /// <summary>Where there is no exact start time, clocks that were set in between move it by this much at most.</summary>
    private const long Tolerance = 60;

    private readonly ConcurrentDictionary<Guid, bool> _ended = new();
    private Self? _self;

    /// <summary>Gets the identity of this process.</summary>
    public static ProcessIdentity Present { get; } = new("/proc", Environment.ProcessId, IsRunning);

    public LeaseOwner CreateOwner()
    {
        var self = Find();
        return new LeaseOwner(self.Machine, processId, self.Started, Guid.NewGuid());
    }

    /// <summary>Notes that a holder is done, whatever its store says: a store that failed, or was disposed, could not take the lease back.</summary>
    public void RecordEnded(LeaseOwner owner) => _ended.TryAdd(owner.Instance, true);

    /// <summary>Says yes only when it is certain: another machine's process may be alive.</summary>
    public bool IsGone(LeaseOwner holder)
    {
        if (_ended.ContainsKey(holder.Instance))
        {
            return true;
        }

        var self = Find();
        if (!string.Equals(holder.Machine, self.Machine, StringComparison.Ordinal))
        {
            return false;
        }

        if (holder.ProcessId == processId)
        {
            return HasOtherStart(holder, self.Started);
        }

        // A process whose start cannot be seen may be another user's, or have ended in between.
        return !isRunning(holder.ProcessId)
            || (StartOf(holder.ProcessId) is { } started ? HasOtherStart(holder, started) : !isRunning(holder.ProcessId));
    }

    private static bool HasOtherStart(LeaseOwner holder, long started) =>
        Math.Abs(started - holder.ProcessStarted) > (OperatingSystem.IsLinux() ? 0 : Tolerance);

    private static bool IsRunning(int processId)
    {
        try
        {
            Process.GetProcessById(processId).Dispose();
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    // A failure to look, such as no free file descriptor, is not kept: the next look may succeed.
    private Self Find() => _self ?? Look() ?? new Self(Guid.NewGuid().ToString("N"), 0);

    private Self? Look() => StartOf(processId) is { } started && NameMachine() is { } machine ? _self = new Self(machine, started) : null;

    private long? StartOf(int process)
    {
        try
        {
            if (!OperatingSystem.IsLinux())
            {
                using var other = Process.GetProcessById(process);
                return other.StartTime.ToUniversalTime().Ticks / TimeSpan.TicksPerSecond;
            }

            // proc(5): field 22 counts clock ticks since boot; the command in field 2 may hold spaces and brackets.
            var stat = File.ReadAllText($"{proc}/{process}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return long.Parse(fields[19], CultureInfo.InvariantCulture);
        }
#pragma warning disable CA1031 // Whatever prevents the look, nothing is known then, and what is not known is not acted upon.
        catch (Exception)
#pragma warning restore CA1031
        {
            return null;
        }
    }

    /// <summary>Returns the name of the space in which process numbers mean the same; null when that cannot be told.</summary>
    private string? NameMachine()
    {
        if (!OperatingSystem.IsLinux())
        {
            return Hash(Environment.MachineName);
        }

        // A container shares its host's boot id, and may share its name, but not its process numbers; and it may see its host's /proc.
        var isOurs = string.Equals(LinkOf("self"), processId.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        return isOurs && LinkOf("self/ns/pid") is { Length: > 0 } space && ReadBoot() is { Length: > 0 } boot
            ? Hash($"{Environment.MachineName}\0{boot}\0{space}")
            : null;
    }

    private string? LinkOf(string name)
    {
        try
        {
            return new FileInfo($"{proc}/{name}").LinkTarget;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private string? ReadBoot()
    {
        try
        {
            return File.ReadAllText($"{proc}/sys/kernel/random/boot_id").Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Hash(string name) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 8));

    private sealed record Self(string Machine, long Started);
}
