using System.Buffers;

namespace Agent.Sync;

/// <summary>Where pages take their arrays from.</summary>
/// <remarks>
/// Two commits' worth of pages are in flight at once: a few large ones or hundreds of small ones, more than the shared
/// pool keeps of a size, and what it does not keep is garbage. Huge arrays are not kept, so they do not stay for ever.
/// </remarks>
internal static class PageMemory
{
    private const int LargestSmallBytes = 256 * 1024;
    private const int LargestBytes = 4 * 1024 * 1024;
    private const int SmallKept = 256;
    private const int LargeKept = 32;

    public static ArrayPool<byte> Bytes { get; } = new TwoSizePool<byte>(LargestSmallBytes, LargestBytes);

    public static ArrayPool<PageCellSpan> Cells { get; } = new TwoSizePool<PageCellSpan>(LargestSmallBytes / 8, LargestBytes / 8);

    public static ArrayPool<(int Start, int Length)> Rows { get; } = new TwoSizePool<(int Start, int Length)>(LargestSmallBytes / 8, LargestBytes / 8);

    /// <summary>Keeps many small arrays and few large ones.</summary>
    private sealed class TwoSizePool<T>(int largestSmall, int largest) : ArrayPool<T>
    {
        private readonly ArrayPool<T> _small = Create(largestSmall, SmallKept);
        private readonly ArrayPool<T> _large = Create(largest, LargeKept);

        public override T[] Rent(int minimumLength) => PoolOf(minimumLength).Rent(minimumLength);

        public override void Return(T[] array, bool clearArray = false) => PoolOf(array.Length).Return(array, clearArray);

        private ArrayPool<T> PoolOf(int length) => length <= largestSmall ? _small : _large;
    }
}
