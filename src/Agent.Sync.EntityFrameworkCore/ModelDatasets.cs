using System.Reflection;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Agent.Sync.EntityFrameworkCore;

/// <summary>Reads the datasets of an EF Core model. Safe for concurrent use.</summary>
public static class ModelDatasets
{
    /// <summary>Makes a dataset of each entity type that is synced, parents first.</summary>
    /// <param name="model">The model: <c>dbContext.Model</c>.</param>
    /// <param name="configure">Adds to a definition; called once for each entity type. Null, the default, takes them as they are.</param>
    /// <returns>The datasets. Their local tables and columns are the model's.</returns>
    /// <exception cref="SyncSchemaException">The model keeps values in another form than the store, or lacks something. The message has every fault, and what to change.</exception>
    public static IReadOnlyList<Dataset> Read(IModel model, Action<IEntityType, DatasetBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        List<string> faults = [];
        List<Dataset> datasets = [];
        foreach (var entity in ParentsFirst([.. model.GetEntityTypes().Where(IsSynced)]))
        {
            if (new EntityDataset(entity, faults).Read(configure) is { } dataset)
            {
                datasets.Add(dataset);
            }
        }

        if (faults.Count > 0)
        {
            throw new SyncSchemaException(SyncErrorKind.LocalSchema, string.Join(Environment.NewLine, faults));
        }

        return datasets.Count > 0 ? datasets : throw new SyncSchemaException(
            SyncErrorKind.LocalSchema, "No entity type of the model is synced: call IsSynced() on those that are, in OnModelCreating, or give their classes [SyncTable].");
    }

    // A derived type is in its base's table, and an owned one in its owner's.
    private static bool IsSynced(IEntityType entity) =>
        entity.BaseType is null && (entity.FindAnnotation(SyncAnnotations.Table) is not null || entity.ClrType.GetCustomAttribute<SyncTableAttribute>(inherit: false) is not null);

    /// <summary>Orders the types so that a row's parent is pushed before it. Types that refer to each other stay as they are.</summary>
    private static List<IEntityType> ParentsFirst(List<IEntityType> entities)
    {
        List<IEntityType> ordered = [];
        HashSet<IEntityType> visited = [];
        entities.ForEach(Visit);
        return ordered;

        void Visit(IEntityType entity)
        {
            if (!visited.Add(entity))
            {
                return;
            }

            foreach (var parent in entity.GetForeignKeys().Select(static key => key.PrincipalEntityType.GetRootType()).Where(entities.Contains))
            {
                Visit(parent);
            }

            ordered.Add(entity);
        }
    }
}
