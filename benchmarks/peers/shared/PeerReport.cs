using System.Globalization;

namespace Peers;

/// <summary>What a peer says about itself when it is done: one line of JSON.</summary>
internal static class PeerReport
{
    /// <param name="rows">The rows that were written on the other side.</param>
    public static void Write(long rows) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"rows":{{rows}},"peakBytes":{{PeakBytes()}},"allocatedBytes":{{GC.GetTotalAllocatedBytes()}}}"""));

    /// <summary>The kernel's own highest resident size of this program; what getrusage says includes the parent's.</summary>
    private static long PeakBytes()
    {
        const string Label = "VmHWM:";
        var line = File.ReadLines("/proc/self/status").First(static line => line.StartsWith(Label, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(Label.Length).Trim().ToString().Split(' ')[0], CultureInfo.InvariantCulture) * 1024;
    }
}
