using Agent.Sync.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Agent.Sync.EntityFrameworkCore.Tests;

/// <summary>What docs/entity-framework.md shows. Compiled, not run: it needs a project.</summary>
internal sealed class ModelSnippets : DbContext
{
    // snippet: ef-model
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Folder>().IsSynced();
        modelBuilder.Entity<Memo>().IsSynced();
    }
    // end snippet

    public static void MarkVersion(ModelBuilder modelBuilder)
    {
        // snippet: ef-version
        modelBuilder.Entity<Memo>().Property(memo => memo.Version).IsConcurrencyToken();
        // end snippet
    }

    public static void AddPolicies(SyncEngineBuilder builder, DbContext context)
    {
        // snippet: ef-configure
        builder.AddDatasetsFrom(context.Model, (entity, dataset) =>
        {
            if (entity.ClrType == typeof(Memo))
            {
                dataset.OnConflict(ConflictPolicy.LocalWins);
            }
        });
        // end snippet
    }

    public static async Task SyncAsync(SupabaseSession session, DbContext context, CancellationToken cancellationToken)
    {
        // snippet: ef-sync
        await context.Database.MigrateAsync(cancellationToken);
        await using var engine = new SyncEngineBuilder()
            .UseSession(session)
            .UseSqlite("app.db", options => options.CreateMissingTables = false)
            .AddDatasetsFrom(context.Model)
            .Build();

        (await engine.SyncAsync(cancellationToken: cancellationToken)).EnsureCompleted();
        // end snippet
    }
}
