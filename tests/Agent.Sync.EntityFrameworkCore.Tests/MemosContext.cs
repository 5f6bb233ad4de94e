using Microsoft.EntityFrameworkCore;

namespace Agent.Sync.EntityFrameworkCore.Tests;

internal sealed class MemosContext(string path) : DbContext
{
    public DbSet<Folder> Folders => Set<Folder>();

    public DbSet<Memo> Memos => Set<Memo>();

    protected override void OnConfiguring(DbContextOptionsBuilder optionsBuilder) => optionsBuilder.UseSqlite($"Data Source={path};Pooling=False");

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Memo>().IsSynced().Property(static memo => memo.Version).IsConcurrencyToken();
        modelBuilder.Entity<Folder>().IsSynced();
    }
}
