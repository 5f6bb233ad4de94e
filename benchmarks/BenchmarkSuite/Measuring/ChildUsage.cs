using System.Runtime.InteropServices;

namespace BenchmarkSuite.Measuring;

/// <summary>The CPU time of child processes that have ended, as the kernel counts it.</summary>
internal static partial class ChildUsage
{
    private const int Children = -1;

    public static TimeSpan Cpu()
    {
        if (GetUsage(Children, out var usage) != 0)
        {
            throw new InvalidOperationException($"getrusage failed: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        return usage.User.Span + usage.System.Span;
    }

    /// <summary>Writes what earlier measurements left in the file cache, so that the next one does not pay for it.</summary>
    [LibraryImport("libc", EntryPoint = "sync")]
    public static partial void FlushDisks();

    [LibraryImport("libc", EntryPoint = "getrusage", SetLastError = true)]
    private static partial int GetUsage(int who, out Usage usage);

    private struct Time
    {
        public nint Seconds;
        public nint Microseconds;

        public readonly TimeSpan Span => TimeSpan.FromSeconds(Seconds, 0, Microseconds);
    }

    private unsafe struct Usage
    {
        public Time User;
        public Time System;
        public fixed long Others[14];
    }
}
