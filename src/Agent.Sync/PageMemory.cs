using System.Buffers;

namespace Agent.Sync;

/// <summary>Where pages take their arrays from.</summary>
/// <remarks>
/// Two commits' worth of pages are in flight at once, more than the shared pool keeps per size, and what it does not keep
/// is garbage of megabytes. Arrays above the bound are not kept at all, so a few huge pages do not stay for ever.
/// </remarks>
internal static class PageMemory
{
    private const int LargestKept = 4 * 1024 * 1024;
    private const int KeptPerSize = 32;

    public static ArrayPool<byte> Bytes { get; } = ArrayPool<byte>.Create(LargestKept, KeptPerSize);

    public static ArrayPool<PageCellSpan> Cells { get; } = ArrayPool<PageCellSpan>.Create(LargestKept / 8, KeptPerSize);

    public static ArrayPool<(int Start, int Length)> Rows { get; } = ArrayPool<(int Start, int Length)>.Create(LargestKept / 8, KeptPerSize);
}
