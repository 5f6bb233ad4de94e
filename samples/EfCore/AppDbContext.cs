using Microsoft.EntityFrameworkCore;

namespace EfCore;

/// <summary>An ordinary context: it knows nothing of the sync.</summary>
internal sealed class AppDbContext(string file) : DbContext
{
    public DbSet<Artifact> Artifacts => Set<Artifact>();

    protected override void OnConfiguring(DbContextOptionsBuilder optionsBuilder) => optionsBuilder.UseSqlite($"Data Source={file}");
}
