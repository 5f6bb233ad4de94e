using Agent.Sync.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Agent.Sync.IntegrationTests.Push;

/// <summary>An app's Entity Framework model of a synced table; what the server owns is not in it.</summary>
internal sealed class AppModel(string path) : DbContext
{
    public DbSet<AppItem> Items => Set<AppItem>();

    protected override void OnConfiguring(DbContextOptionsBuilder optionsBuilder) =>
        optionsBuilder.UseSqlite($"Data Source={path};Pooling=False").EnableServiceProviderCaching(false);

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        var item = modelBuilder.Entity<AppItem>();
        item.ToTable("push_items").HasKey(static row => row.Id);
        item.Property(static row => row.Id).HasColumnName("id");
        item.Property(static row => row.Label).HasColumnName("label");
        item.Property(static row => row.Note).HasColumnName("note");
        item.Property(static row => row.Size).HasColumnName("size");
    }
}
