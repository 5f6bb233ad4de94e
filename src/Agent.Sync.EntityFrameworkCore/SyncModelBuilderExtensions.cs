using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Agent.Sync.EntityFrameworkCore;

/// <summary>Says in <c>OnModelCreating</c> which entity types are synced, and what their properties are for the server.</summary>
/// <remarks>The attributes of Agent.Sync on a class say the same: <see cref="SyncTableAttribute"/>, <see cref="SyncColumnAttribute"/> and the others. What is said here wins.</remarks>
public static class SyncModelBuilderExtensions
{
    /// <summary>Makes the entity's table a dataset. <c>AddDatasetsFrom</c> takes it.</summary>
    /// <typeparam name="TBuilder">The builder's type.</typeparam>
    /// <param name="entity">The entity, mapped to a table with a primary key.</param>
    /// <param name="table">The remote table or view; null, the default, for the local table's name in snake_case.</param>
    /// <param name="schema">The PostgreSQL schema; null, the default, for <c>public</c>.</param>
    /// <param name="dataset">The dataset's name for the app; null, the default, for the remote table's.</param>
    /// <returns>The builder.</returns>
    public static TBuilder IsSynced<TBuilder>(this TBuilder entity, string? table = null, string? schema = null, string? dataset = null)
        where TBuilder : EntityTypeBuilder
    {
        ArgumentNullException.ThrowIfNull(entity);
        entity.HasAnnotation(SyncAnnotations.Table, table ?? string.Empty);
        entity.HasAnnotation(SyncAnnotations.Schema, schema);
        entity.HasAnnotation(SyncAnnotations.Dataset, dataset);
        return entity;
    }

    /// <summary>Makes the property the update timestamp, a <see cref="DateTimeOffset"/>. A property called <c>UpdatedAt</c> is it anyway.</summary>
    /// <typeparam name="TBuilder">The builder's type.</typeparam>
    /// <param name="property">The property.</param>
    /// <returns>The builder.</returns>
    public static TBuilder IsSyncUpdatedAt<TBuilder>(this TBuilder property)
        where TBuilder : PropertyBuilder => property.SetRole(SyncRole.UpdatedAt);

    /// <summary>Makes the property the version, an integer that the server raises on every write. A property called <c>Version</c> is it anyway, if it is an integer.</summary>
    /// <typeparam name="TBuilder">The builder's type.</typeparam>
    /// <param name="property">The property.</param>
    /// <returns>The builder.</returns>
    public static TBuilder IsSyncVersion<TBuilder>(this TBuilder property)
        where TBuilder : PropertyBuilder => property.SetRole(SyncRole.Version);

    /// <summary>Makes the property the soft-deletion timestamp, a nullable <see cref="DateTimeOffset"/>. A property called <c>DeletedAt</c> is it anyway.</summary>
    /// <typeparam name="TBuilder">The builder's type.</typeparam>
    /// <param name="property">The property.</param>
    /// <param name="handling">What a set deletion time does to the local row.</param>
    /// <returns>The builder.</returns>
    public static TBuilder IsSyncDeletedAt<TBuilder>(this TBuilder property, DeleteHandling handling = DeleteHandling.Remove)
        where TBuilder : PropertyBuilder
    {
        property.SetRole(SyncRole.DeletedAt);
        property.HasAnnotation(SyncAnnotations.DeleteHandling, handling.ToString());
        return property;
    }

    /// <summary>Keeps a property out of the sync. Its column must allow NULL or have a default, because pulled rows have no value for it.</summary>
    /// <typeparam name="TBuilder">The builder's type.</typeparam>
    /// <param name="property">The property.</param>
    /// <returns>The builder.</returns>
    public static TBuilder IsNotSynced<TBuilder>(this TBuilder property)
        where TBuilder : PropertyBuilder => property.SetRole(SyncRole.Ignored);

    /// <summary>Names the property's remote column, or says more about it. The update timestamp, the version and the deletion timestamp may be named like this too.</summary>
    /// <typeparam name="TBuilder">The builder's type.</typeparam>
    /// <param name="property">The property.</param>
    /// <param name="name">The remote column; null, the default, for the property's name in snake_case.</param>
    /// <param name="type">The column's type, where it is not the one of the property's type: a <c>json</c> column in a string, say. Null, the default, for that one.</param>
    /// <param name="serverOwned">Whether only the server writes the column, so that it is pulled and never pushed. The default is false.</param>
    /// <returns>The builder.</returns>
    public static TBuilder HasSyncColumn<TBuilder>(this TBuilder property, string? name = null, ColumnType? type = null, bool serverOwned = false)
        where TBuilder : PropertyBuilder
    {
        ArgumentNullException.ThrowIfNull(property);
        property.HasAnnotation(SyncAnnotations.Column, name);
        property.HasAnnotation(SyncAnnotations.Type, type?.ToString());
        property.HasAnnotation(SyncAnnotations.ServerOwned, serverOwned ? bool.TrueString : null);
        return property;
    }

    private static TBuilder SetRole<TBuilder>(this TBuilder property, SyncRole role)
        where TBuilder : PropertyBuilder
    {
        ArgumentNullException.ThrowIfNull(property);
        property.HasAnnotation(SyncAnnotations.Role, role.ToString());
        return property;
    }
}
