using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Agent.Sync.EntityFrameworkCore.Tests;

/// <summary>The order of docs/entity-framework.md: migrate, then sync.</summary>
public sealed class MigrationTests : FileTest
{
    private const string Key = "0b6e0a3c-58a6-4f6e-9d4c-1e7f5f0a9b01";

    private static readonly Dataset First = Dataset.Define("tickets").ToTable("Tickets").Key("id", ColumnType.Uuid, "Id").Column("title", ColumnType.Text, "Title")
        .UpdatedAt("updated_at", "UpdatedAt").Version("version", "Version").Build();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task MigrateAsync_ThatRebuildsATable_LosesNoEditBeforeOrAfterIt(bool withKit)
    {
        using var server = ServerOf(withKit);
        server.Insert("tickets", $$"""{"id":"{{Key}}","title":"one","priority":5}""");
        server.Insert("tickets", """{"id":"1b6e0a3c-58a6-4f6e-9d4c-1e7f5f0a9b02","title":"two","priority":6}""");
        await MigrateAsync("20260101000000_First");
        await SyncAsync(server, static builder => builder.AddDataset(First));
        Execute(FilePath, "UPDATE Tickets SET Title = 'before' WHERE Title = 'one'");

        await MigrateAsync(null);
        using (var context = new MigratedContext(FilePath))
        {
            // Nothing records this one: the rebuild took the triggers along.
            (await context.Tickets.SingleAsync(static ticket => ticket.Title == "two", Token)).Title = "after";
            await context.SaveChangesAsync(Token);
        }

        await SyncAsync(server, AddDatasets);
        await SyncAsync(server, AddDatasets);

        using var migrated = new MigratedContext(FilePath);
        Assert.Equal([("after", 6), ("before", 5)], (await migrated.Tickets.OrderBy(static ticket => ticket.Title).ToListAsync(Token)).Select(static ticket => (ticket.Title, ticket.Priority)));
        var rows = string.Concat(server.AllRows("tickets"));
        Assert.Contains("\"before\"", rows, StringComparison.Ordinal);
        Assert.Contains("\"after\"", rows, StringComparison.Ordinal);
        Assert.DoesNotContain("\"priority\":0", rows, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SyncAsync_BeforeTheFirstMigration_IsRefusedAndLeavesNothingInTheWay()
    {
        using var server = ServerOf(withKit: false);

        var refusal = await Assert.ThrowsAsync<SyncSchemaException>(() => SyncAsync(server, AddDatasets));

        Assert.Equal(SyncErrorKind.LocalSchema, refusal.Kind);
        await MigrateAsync(null);
        await SyncAsync(server, AddDatasets);
    }

    [Fact]
    public void GetDifferences_OfWhatSyncingSays_NeedsNoMigration()
    {
        using var plain = new ModelContext(static builder => builder.Entity<Memo>());
        using var synced = new ModelContext(static builder =>
        {
            var memo = builder.Entity<Memo>().IsSynced("my_memos", schema: "app");
            memo.Property(static row => row.Title).HasSyncColumn("heading", serverOwned: true);
            memo.Property(static row => row.DeletedAt).IsSyncDeletedAt(DeleteHandling.Mark);
        });

        Assert.Empty(plain.GetService<IMigrationsModelDiffer>().GetDifferences(
            plain.GetService<IDesignTimeModel>().Model.GetRelationalModel(), synced.GetService<IDesignTimeModel>().Model.GetRelationalModel()));
    }

    private static void AddDatasets(SyncEngineBuilder builder)
    {
        using var context = new MigratedContext("unused.db");
        builder.AddDatasetsFrom(context.Model);
    }

    private static ModelServer ServerOf(bool withKit)
    {
        using var context = new MigratedContext("unused.db");
        return new ModelServer(ModelDatasets.Read(context.Model), withKit);
    }

    private async Task MigrateAsync(string? target)
    {
        using var context = new MigratedContext(FilePath);
        await context.GetService<IMigrator>().MigrateAsync(target, Token);
    }

    private async Task SyncAsync(ModelServer server, Action<SyncEngineBuilder> addDatasets)
    {
        await using var engine = EngineOf(server.Double, FilePath, addDatasets);
        (await engine.SyncAsync(cancellationToken: Token)).EnsureCompleted();
    }
}
