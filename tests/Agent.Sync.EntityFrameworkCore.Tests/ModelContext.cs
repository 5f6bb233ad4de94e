using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Agent.Sync.EntityFrameworkCore.Tests;

/// <summary>A model that a test builds; there is no file.</summary>
internal sealed class ModelContext(Action<ModelBuilder> build) : DbContext
{
    public static IModel Of(Action<ModelBuilder> build)
    {
        using var context = new ModelContext(build);
        return context.Model;
    }

    protected override void OnConfiguring(DbContextOptionsBuilder optionsBuilder) =>
        optionsBuilder.UseSqlite("Data Source=:memory:").EnableServiceProviderCaching(false).ReplaceService<IModelCacheKeyFactory, NoCache>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => build(modelBuilder);

    private sealed class NoCache : IModelCacheKeyFactory
    {
        public object Create(DbContext context, bool designTime) => new();
    }
}
