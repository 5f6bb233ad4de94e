using Microsoft.EntityFrameworkCore;

namespace Agent.Sync.EntityFrameworkCore.Tests;

internal sealed class KindsContext(string path) : DbContext
{
    public DbSet<Kinds> Kinds => Set<Kinds>();

    protected override void OnConfiguring(DbContextOptionsBuilder optionsBuilder) => optionsBuilder.UseSqlite($"Data Source={path};Pooling=False");

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        var kinds = modelBuilder.Entity<Kinds>().IsSynced("kinds");
        kinds.Property(static row => row.State).HasConversion<string>();
        kinds.OwnsOne(static row => row.Address, static address => address.ToJson());
    }
}
