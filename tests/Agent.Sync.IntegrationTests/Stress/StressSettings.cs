namespace Agent.Sync.IntegrationTests.Stress;

/// <summary>How a stress run goes.</summary>
/// <param name="Duration">How long writers write and clients sync.</param>
/// <param name="Kit">Whether the server has the SQL kit; without it rows are deleted softly and stay with their key and owner, as the Overlap grade asks for.</param>
/// <param name="LongestTransaction">How long a writer's transaction stays open at most.</param>
/// <param name="OverlapLag">The engines' lag; only the Overlap grade has one.</param>
internal sealed record StressSettings(TimeSpan Duration, bool Kit, TimeSpan LongestTransaction, TimeSpan OverlapLag)
{
    /// <summary>Sessions that write past each other.</summary>
    public int Writers { get; init; } = 8;

    /// <summary>Rows that each user starts with.</summary>
    public int Rows { get; init; } = 150;

    /// <summary>Whether the clients edit too, and are killed; else they pull.</summary>
    public bool ClientsEdit { get; init; } = true;

    /// <summary>The seed of what everybody does; when they do it is the machine's.</summary>
    public int Seed { get; init; } = 1;
}
