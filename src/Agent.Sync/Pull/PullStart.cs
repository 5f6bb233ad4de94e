using Agent.Sync.Checkpoints;
using Agent.Sync.Local;

namespace Agent.Sync.Pull;

/// <summary>Decides from the saved checkpoint, the scope and the local store where a pull starts, or why it must not.</summary>
/// <param name="State">Where to start; null when the run must not go on.</param>
/// <param name="Outcome">Why not, when it must not.</param>
/// <param name="Reason">What changed, for <see cref="SyncOutcome.ResyncRequired"/>.</param>
internal sealed record PullStart(CheckpointState? State, SyncOutcome Outcome, ResyncReason Reason)
{
    /// <exception cref="SyncSchemaException">A column changed its type.</exception>
    public static PullStart Decide(
        CheckpointState? saved, Dataset dataset, ScopeStamp scope, LocalState local, bool fullResync, long newGeneration)
    {
        if (saved is null || fullResync)
        {
            // Rows that are there already must be compared with what the server shows in the end.
            return At(Fresh(dataset, scope, local, local.HasRows ? newGeneration : null));
        }

        if (!string.Equals(saved.Scope.User, scope.User, StringComparison.Ordinal))
        {
            return new PullStart(null, SyncOutcome.UserChanged, ResyncReason.None);
        }

        var reason = Compare(saved, scope, local);
        if (reason != ResyncReason.None)
        {
            return new PullStart(null, SyncOutcome.ResyncRequired, reason);
        }

        return HasNewColumn(saved, dataset)
            ? At(Fresh(dataset, scope, local, local.HasRows ? newGeneration : null))
            : At(saved with { Columns = dataset.Columns });
    }

    private static PullStart At(CheckpointState state) => new(state, SyncOutcome.Completed, ResyncReason.None);

    private static CheckpointState Fresh(Dataset dataset, ScopeStamp scope, LocalState local, long? generation) => new()
    {
        Scope = scope,
        Columns = dataset.Columns,
        StoreId = local.StoreId,
        Phase = SyncPhase.Backfill,
        Generation = generation,
        Ranges = [KeyRange.Everything],
    };

    private static ResyncReason Compare(CheckpointState saved, ScopeStamp scope, LocalState local)
    {
        if (!string.Equals(saved.Scope.Project, scope.Project, StringComparison.Ordinal))
        {
            return ResyncReason.ProjectChanged;
        }

        if (!string.Equals(saved.Scope.Role, scope.Role, StringComparison.Ordinal))
        {
            return ResyncReason.RoleChanged;
        }

        if (!string.Equals(saved.Scope.Filter, scope.Filter, StringComparison.Ordinal))
        {
            return ResyncReason.FilterChanged;
        }

        if (!string.Equals(saved.Scope.Schema, scope.Schema, StringComparison.Ordinal))
        {
            return ResyncReason.SchemaChanged;
        }

        return saved.StoreId == local.StoreId ? ResyncReason.None : ResyncReason.StoreReplaced;
    }

    /// <summary>An added column has no values yet, so everything is read again; a removed one is simply not asked for.</summary>
    private static bool HasNewColumn(CheckpointState saved, Dataset dataset)
    {
        var isNew = false;
        foreach (var column in dataset.Columns)
        {
            var before = saved.Columns.FirstOrDefault(other => string.Equals(other.Name, column.Name, StringComparison.Ordinal));
            if (before is not null && before.Type != column.Type)
            {
                throw new SyncSchemaException(
                    SyncErrorKind.LocalSchema,
                    $"Column '{column.Name}' of dataset '{dataset.Name}' was {before.Type} and is declared {column.Type} now. Convert the local column and sync with FullResync, or use a new local table.",
                    dataset.Name);
            }

            isNew |= before is null;
        }

        return isNew;
    }
}
