using Agent.Sync.Sqlite;

namespace Agent.Sync.Generators.Tests;

/// <summary>What docs/entities.md shows. Compiled, not run: it needs a project.</summary>
internal static partial class EntitySnippets
{
    // snippet: entity
    [SyncTable("artifacts")]
    public sealed partial record Artifact
    {
        [SyncKey] public required Guid Id { get; init; }
        public required string Name { get; init; }
        public decimal? Price { get; init; }
        public ArtifactState State { get; init; }
        [SyncVersion] public long Version { get; init; }
        [SyncUpdatedAt] public DateTimeOffset UpdatedAt { get; init; }
        [SyncDeletedAt] public DateTimeOffset? DeletedAt { get; init; }
    }
    // end snippet

    public static async Task ReadAsync(SupabaseSession session, CancellationToken cancellationToken)
    {
        // snippet: entity-engine
        await using var engine = new SyncEngineBuilder()
            .UseSession(session)
            .UseSqlite("artifacts.db")
            .AddDataset<Artifact>()
            .Build();

        (await engine.SyncAsync(cancellationToken: cancellationToken)).EnsureCompleted();

        await foreach (var page in engine.ReadPagesAsync("artifacts", cancellationToken: cancellationToken))
        {
            using (page)
            {
                foreach (var artifact in page.Read<Artifact>())
                {
                    Console.WriteLine($"{artifact.Name}: {artifact.Price}");
                }
            }
        }
        // end snippet
    }

    public static void Resolve(SyncEngineBuilder builder)
    {
        // snippet: entity-conflict
        builder.AddDataset<Artifact>(artifacts => artifacts
            .Where("is_archived", FilterOperator.Equal, "false")
            .OnConflict<Artifact>((conflict, _) => new(conflict is { Local: { } local, Server: { } server }
                ? conflict.Merge(server with { Name = local.Name })
                : ConflictDecision.ServerWins)));
        // end snippet
    }

    public static async Task ShowAsync(ISyncEngine engine, CancellationToken cancellationToken)
    {
        // snippet: entity-quarantine
        await foreach (var change in engine.ReadChangesAsync("artifacts", ChangeState.Quarantined, cancellationToken))
        {
            var rows = await engine.ReadChangeRowsAsync("artifacts", change.Id, cancellationToken);
            Console.WriteLine($"{change.Describe()}: {rows.ReadLocal<Artifact>()?.Name} here, {rows.ReadServer<Artifact>()?.Name} on the server");
        }
        // end snippet
    }
}
