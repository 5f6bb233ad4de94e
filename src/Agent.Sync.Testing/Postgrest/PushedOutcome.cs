namespace Agent.Sync.Testing.Postgrest;

/// <summary>What became of one change of a batch.</summary>
internal sealed record PushedOutcome(string Status, string? Code = null, string? Constraint = null)
{
    public bool Wrote { get; private init; }

    /// <summary>It was so already: nothing was written, and nothing needs to be remembered.</summary>
    public static PushedOutcome Applied { get; } = new("applied");

    public static PushedOutcome Written { get; } = new("applied") { Wrote = true };

    public static PushedOutcome Conflict { get; } = new("conflict");
}
