using Agent.Sync.Entities;

namespace Agent.Sync;

/// <summary>A row that was changed on both sides, as objects of the app's. Immutable as far as the objects are.</summary>
/// <typeparam name="T">The entity.</typeparam>
/// <param name="Dataset">The dataset's name.</param>
/// <param name="Base">The row that the local edit started from; null when the edit inserted it.</param>
/// <param name="Local">The local row; null when it was deleted locally.</param>
/// <param name="Server">The server's row; null when it was deleted on the server.</param>
public sealed record EntityConflict<T>(string Dataset, T? Base, T? Local, T? Server)
    where T : class, ISyncEntity<T>
{
    /// <summary>Decides for a merged row, which replaces both.</summary>
    /// <param name="row">The row. Columns that only the server writes (version, update timestamp) are taken from the server's.</param>
    /// <returns>The decision.</returns>
    public ConflictDecision Merge(T row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return ConflictDecision.Merge(EntityJson.Write(row).Span);
    }

    // A record would print its rows.
    /// <summary>Returns the dataset's name.</summary>
    /// <returns>A text without values.</returns>
    public override string ToString() => $"Conflict in {Dataset}";
}
