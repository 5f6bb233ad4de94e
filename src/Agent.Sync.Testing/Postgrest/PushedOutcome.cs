namespace Agent.Sync.Testing.Postgrest;

/// <summary>What became of one change of a batch.</summary>
internal sealed record PushedOutcome(string Status, string? Code = null, string? Constraint = null)
{
    public static PushedOutcome Applied { get; } = new("applied");

    public static PushedOutcome Conflict { get; } = new("conflict");
}
