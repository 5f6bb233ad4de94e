namespace Agent.Sync.Checkpoints;

/// <summary>A part of a backfill: the keys above <paramref name="From"/> up to and including <paramref name="To"/>.</summary>
/// <param name="From">Exclusive; null from the start.</param>
/// <param name="To">Inclusive; null to the end.</param>
/// <param name="Position">The last key applied; null before the first.</param>
/// <param name="Done">Whether the range's end was reached.</param>
internal sealed record KeyRange(
    IReadOnlyList<string>? From, IReadOnlyList<string>? To, IReadOnlyList<string>? Position, bool Done)
{
    public static KeyRange Everything { get; } = new(null, null, null, Done: false);
}
