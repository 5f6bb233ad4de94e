namespace Agent.Sync.Checkpoints;

/// <summary>Which of the server's rows were certainly here when unrecorded edits were noticed: kept for as long as they are looked for.</summary>
/// <param name="Column">The column that orders them; null when nothing is certain.</param>
/// <param name="Below">Rows with a lower value in that column were here; null when nothing is certain.</param>
internal sealed record KnownRows(string? Column, string? Below)
{
    public static KnownRows None { get; } = new(null, null);
}
