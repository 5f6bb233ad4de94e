using Agent.Sync.Entities;

namespace Agent.Sync;

/// <summary>Rows as entities, without a serializer context.</summary>
public static class EntityExtensions
{
    /// <summary>Reads a page's rows as entities, one at a time.</summary>
    /// <typeparam name="T">The entity.</typeparam>
    /// <param name="page">The page.</param>
    /// <returns>The rows in page order, with memory of their own; read them before the page is disposed.</returns>
    /// <exception cref="ArgumentException">The page is of another dataset than the entity's.</exception>
    /// <exception cref="SyncSchemaException">A value does not fit its property; the message names the column.</exception>
    public static IEnumerable<T> Read<T>(this Page page)
        where T : class, ISyncEntity<T>
    {
        ArgumentNullException.ThrowIfNull(page);
        EntityJson.RequireColumnsOf<T>(page.Dataset);
        return Rows();

        IEnumerable<T> Rows()
        {
            for (var row = 0; row < page.Count; row++)
            {
                yield return T.ReadRow(new EntityRow(page, row));
            }
        }
    }

    /// <summary>Lets the app decide the dataset's conflicts with entities in hand, whatever <see cref="PushOptions.ConflictPolicy"/> says.</summary>
    /// <typeparam name="T">The entity whose dataset this is.</typeparam>
    /// <param name="builder">The builder, from <c>DefineSyncDataset</c> or in <c>AddDataset</c>.</param>
    /// <param name="resolver">Called for one conflict at a time; see <see cref="PushOptions.ConflictResolver"/>.</param>
    /// <returns>The builder.</returns>
    public static DatasetBuilder OnConflict<T>(this DatasetBuilder builder, Func<EntityConflict<T>, CancellationToken, ValueTask<ConflictDecision>> resolver)
        where T : class, ISyncEntity<T>
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(resolver);
        return builder.OnConflict((conflict, cancellationToken) => resolver(
            new EntityConflict<T>(conflict.Dataset, EntityJson.Read<T>(conflict.Base), EntityJson.Read<T>(conflict.Local), EntityJson.Read<T>(conflict.Server)),
            cancellationToken));
    }

    /// <summary>Reads <see cref="ChangeRows.Local"/> as an entity.</summary>
    /// <typeparam name="T">The entity.</typeparam>
    /// <param name="rows">Both sides of a change.</param>
    /// <returns>The row; null when it was deleted locally.</returns>
    /// <exception cref="SyncException">The row does not fit the entity.</exception>
    public static T? ReadLocal<T>(this ChangeRows rows)
        where T : class, ISyncEntity<T>
    {
        ArgumentNullException.ThrowIfNull(rows);
        return EntityJson.Read<T>(rows.Local);
    }

    /// <summary>Reads <see cref="ChangeRows.Server"/> as an entity.</summary>
    /// <typeparam name="T">The entity.</typeparam>
    /// <param name="rows">Both sides of a change.</param>
    /// <returns>The row; null for an insert.</returns>
    /// <exception cref="SyncException">The row does not fit the entity.</exception>
    public static T? ReadServer<T>(this ChangeRows rows)
        where T : class, ISyncEntity<T>
    {
        ArgumentNullException.ThrowIfNull(rows);
        return EntityJson.Read<T>(rows.Server);
    }
}
