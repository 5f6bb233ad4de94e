using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Agent.Sync.EntityFrameworkCore;

/// <summary>Takes datasets from an EF Core model.</summary>
public static class AgentSyncModelExtensions
{
    /// <summary>Adds a dataset for each entity type of a model that is synced, parents first.</summary>
    /// <param name="builder">The builder, from <c>new</c> or from <c>AddAgentSync</c>.</param>
    /// <param name="model">The model: <c>dbContext.Model</c>. It is read now.</param>
    /// <param name="configure">Adds to a definition: a filter, a conflict policy or resolver. Called once for each entity type. Null, the default, takes them as they are.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="SyncSchemaException">The model keeps values in another form than the store, or lacks something. The message has every fault, and what to change.</exception>
    public static SyncEngineBuilder AddDatasetsFrom(this SyncEngineBuilder builder, IModel model, Action<IEntityType, DatasetBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        foreach (var dataset in ModelDatasets.Read(model, configure))
        {
            builder.AddDataset(dataset);
        }

        return builder;
    }

    /// <summary>Adds a dataset for each synced entity type of a context that the container has, parents first. The model is read when the engine is built.</summary>
    /// <typeparam name="TContext">The context, registered with <c>AddDbContext</c> or <c>AddDbContextFactory</c>.</typeparam>
    /// <param name="builder">The builder, from <c>AddAgentSync</c>.</param>
    /// <param name="configure">As for <see cref="AddDatasetsFrom(SyncEngineBuilder, IModel, Action{IEntityType, DatasetBuilder}?)"/>.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="InvalidOperationException">The builder is no container's: give it <c>dbContext.Model</c>.</exception>
    public static SyncEngineBuilder AddDatasetsFrom<TContext>(this SyncEngineBuilder builder, Action<IEntityType, DatasetBuilder>? configure = null)
        where TContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (builder.Services is not { } services)
        {
            throw new InvalidOperationException("There is no container to take the context from: call AddDatasetsFrom(dbContext.Model).");
        }

        services.AddOptions<SyncOptions>(builder.Name ?? Options.DefaultName).Configure<IServiceScopeFactory>((options, scopes) =>
        {
            using var scope = scopes.CreateScope();
            foreach (var dataset in ModelDatasets.Read(scope.ServiceProvider.GetRequiredService<TContext>().Model, configure))
            {
                options.Datasets.Add(dataset);
            }
        });
        return builder;
    }
}
