using System.ComponentModel;

namespace Agent.Sync;

/// <summary>A class whose properties are a dataset's columns. Not written by hand: <see cref="SyncTableAttribute"/> on a partial class lets the package's source generator implement it.</summary>
/// <typeparam name="TSelf">The class itself.</typeparam>
public interface ISyncEntity<TSelf>
    where TSelf : class, ISyncEntity<TSelf>
{
    /// <summary>Gets the dataset that the attributes describe, without filters or a conflict policy. The same object every time; safe for concurrent use.</summary>
    static abstract Dataset SyncDataset { get; }

    /// <summary>Starts the definition of <see cref="SyncDataset"/>, for a filter, a conflict policy or another name.</summary>
    /// <returns>A new builder with every column declared.</returns>
    static abstract DatasetBuilder DefineSyncDataset();

    /// <summary>Makes an object of a row.</summary>
    /// <param name="row">The row; its cells are in the order of <see cref="SyncDataset"/>'s columns.</param>
    /// <returns>A new object.</returns>
    /// <exception cref="SyncSchemaException">A value does not fit its property; the message names the column and never the value.</exception>
    [EditorBrowsable(EditorBrowsableState.Never)]
    static abstract TSelf ReadRow(EntityRow row);

    /// <summary>Writes an object's columns.</summary>
    /// <param name="entity">The object.</param>
    /// <param name="writer">Takes one value for every column.</param>
    [EditorBrowsable(EditorBrowsableState.Never)]
    static abstract void WriteRow(TSelf entity, EntityRowWriter writer);
}
