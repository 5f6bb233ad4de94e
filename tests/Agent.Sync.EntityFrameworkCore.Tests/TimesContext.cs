using Microsoft.EntityFrameworkCore;

namespace Agent.Sync.EntityFrameworkCore.Tests;

internal sealed class TimesContext(string path) : DbContext
{
    public DbSet<TimeRow> Times => Set<TimeRow>();

    protected override void OnConfiguring(DbContextOptionsBuilder optionsBuilder) => optionsBuilder.UseSqlite($"Data Source={path};Pooling=False");
}

internal sealed record TimeRow
{
    public int Id { get; set; }

    public DateTime At { get; set; }
}
