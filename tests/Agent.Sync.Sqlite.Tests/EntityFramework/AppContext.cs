using Microsoft.EntityFrameworkCore;

namespace Agent.Sync.Sqlite.Tests.EntityFramework;

/// <summary>An app's model of a synced table, with a column of its own.</summary>
internal sealed class AppContext(string path, bool blobKeys) : DbContext
{
    public DbSet<Artifact> Artifacts => Set<Artifact>();

    protected override void OnConfiguring(DbContextOptionsBuilder optionsBuilder) =>
        optionsBuilder.UseSqlite($"Data Source={path};Pooling=False").EnableServiceProviderCaching(false);

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        var artifact = modelBuilder.Entity<Artifact>();
        artifact.ToTable("artifacts").HasKey(static row => row.Id);
        artifact.Property(static row => row.Stars).HasDefaultValue(0);
        if (blobKeys)
        {
            artifact.Property(static row => row.Id).HasConversion<byte[]>();
        }
    }
}
