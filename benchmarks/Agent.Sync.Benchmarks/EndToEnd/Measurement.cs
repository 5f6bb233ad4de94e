using System.Diagnostics;
using System.Globalization;

namespace Agent.Sync.Benchmarks.EndToEnd;

/// <summary>What one run cost this process.</summary>
internal sealed record Measurement(string Name, long Rows, TimeSpan Wall, TimeSpan Cpu, long Allocated, int Gen2)
{
    public double RowsPerSecond => Rows / Wall.TotalSeconds;

    public double CpuMicrosecondsPerRow => Cpu.TotalMicroseconds / Rows;

    public double AllocatedPerRow => (double)Allocated / Rows;

    public static async Task<Measurement> TakeAsync(string name, Func<Task<long>> work)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var process = Process.GetCurrentProcess();
        var cpu = process.TotalProcessorTime;
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var gen2 = GC.CollectionCount(2);
        var watch = Stopwatch.StartNew();
        var rows = await work();
        watch.Stop();
        process.Refresh();
        return new Measurement(
            name,
            rows,
            watch.Elapsed,
            process.TotalProcessorTime - cpu,
            GC.GetTotalAllocatedBytes(precise: true) - allocated,
            GC.CollectionCount(2) - gen2);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name,-46} {RowsPerSecond,10:N0} rows/s {Wall.TotalSeconds,8:F2} s {CpuMicrosecondsPerRow,8:F2} us CPU/row {AllocatedPerRow,9:F1} B/row {Gen2,3} gen2");
}
