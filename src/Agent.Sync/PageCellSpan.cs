namespace Agent.Sync;

/// <summary>Where a cell stands in its page: 8 bytes, so that a page of 1,000 rows and 10 columns costs 80 KB.</summary>
internal readonly struct PageCellSpan(int start, int length, PageCellKind kind)
{
    /// <summary>The longest page: a length shares its 32 bits with the kind.</summary>
    public const int MaxPageBytes = (1 << LengthBits) - 1;

    private const int LengthBits = 28;

    private readonly uint _lengthAndKind = ((uint)kind << LengthBits) | (uint)length;

    public int Start { get; } = start;

    public int Length => (int)(_lengthAndKind & MaxPageBytes);

    public PageCellKind Kind => (PageCellKind)(_lengthAndKind >> LengthBits);
}
