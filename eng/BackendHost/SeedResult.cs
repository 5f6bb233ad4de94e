namespace BackendHost;

/// <summary>What is there after seeding.</summary>
/// <param name="Users">The users, in the order they were asked for.</param>
/// <param name="Artifacts">How many artifacts belong to these users together.</param>
public sealed record SeedResult(IReadOnlyList<SeededUser> Users, int Artifacts);
