using Agent.Sync;
using Agent.Sync.Sqlite;

// Set AGENT_SYNC_URL, AGENT_SYNC_KEY (the publishable key), AGENT_SYNC_EMAIL and AGENT_SYNC_PASSWORD, and put your table's columns into Artifact.
Uri url = new(Setting("AGENT_SYNC_URL"));
using var session = new SupabaseSession(new SupabaseSessionOptions { Url = url, ApiKey = Setting("AGENT_SYNC_KEY"), AllowInsecureLoopback = url.IsLoopback });
await session.SignInAsync(Setting("AGENT_SYNC_EMAIL"), Setting("AGENT_SYNC_PASSWORD"));

await using var engine = new SyncEngineBuilder()
    .UseSession(session)
    .UseSqlite("artifacts.db")
    .AddDataset<Artifact>()
    .Build();

var result = await engine.SyncAsync(new Progress<SyncProgress>(Console.WriteLine));
Console.WriteLine(result);
return result.Outcome == SyncOutcome.Completed ? 0 : 1;

static string Setting(string name) => Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"Set the environment variable {name}.");

[SyncTable("artifacts")]
internal sealed partial record Artifact
{
    [SyncKey]
    public Guid Id { get; init; }

    public string Name { get; init; } = "";

    [SyncVersion]
    public long Version { get; init; }

    [SyncUpdatedAt]
    public DateTimeOffset UpdatedAt { get; init; }

    [SyncDeletedAt]
    public DateTimeOffset? DeletedAt { get; init; }
}
