namespace BackendHost;

/// <summary>What <see cref="LocalBackendHost.SeedAsync"/> writes: the same artifacts for each user.</summary>
/// <remarks>Keys depend on e-mail address and index only, so two backends seeded alike hold the same keys.</remarks>
public sealed class SeedOptions
{
    /// <summary>Gets how many artifacts each user gets. The default is 10,000.</summary>
    public int Rows { get; init; } = 10_000;

    /// <summary>Gets the index of the first artifact, from 1. A second seeding with a higher one adds rows.</summary>
    public int FirstIndex { get; init; } = 1;

    /// <summary>Gets how many projects each user gets. The default is 10; 0 leaves the artifacts without.</summary>
    public int Projects { get; init; } = 10;

    /// <summary>Gets the e-mail addresses of the users; who does not exist is signed up.</summary>
    public IReadOnlyList<string> Users { get; init; } = ["ada@example.test", "bob@example.test"];

    /// <summary>Gets the password of every user.</summary>
    public string Password { get; init; } = "correct-horse-battery";

    /// <summary>Gets the length of an artifact's content in bytes. The default is 1,000.</summary>
    public int ContentBytes { get; init; } = 1000;

    /// <summary>Gets over how long the update stamps are spread. The default is 30 days.</summary>
    public TimeSpan Spread { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Gets how old the newest row's stamp is; negative is in the future. The default is one hour.</summary>
    public TimeSpan NewestAge { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Gets the distance of neighbouring stamps in microseconds, instead of <see cref="Spread"/>. Null, the default, spreads.</summary>
    public int? StepMicroseconds { get; init; }

    /// <summary>Gets whether all rows carry one stamp, <see cref="NewestAge"/> ago. The default is false.</summary>
    public bool SameTimestamp { get; init; }

    /// <summary>Gets which share of the rows is soft-deleted: every n-th. 0, the default, is none.</summary>
    public int DeletedEvery { get; init; }
}
