using Agent.Sync.Checkpoints;
using Agent.Sync.Runs;
using Agent.Sync.Stores;

namespace Agent.Sync.Pull;

/// <summary>Decides from the saved checkpoint, the scope, the kit and the local store where a pull starts, or why it must not.</summary>
/// <param name="State">Where to start; null when the run must not go on.</param>
/// <param name="Outcome">Why not, when it must not.</param>
/// <param name="Reason">What changed, for <see cref="SyncOutcome.ResyncRequired"/>.</param>
internal sealed record PullStart(CheckpointState? State, SyncOutcome Outcome, ResyncReason Reason)
{
    /// <exception cref="SyncSchemaException">A column changed its type.</exception>
    public static PullStart Decide(CheckpointState? saved, PullScope scope, LocalState local, bool fullResync, long newGeneration)
    {
        if (saved is null)
        {
            return At(Fresh(saved, scope, local, newGeneration));
        }

        var isSameUser = ResyncCheck.IsSameUser(saved.Scope, scope.Stamp);
        if (saved.Phase == SyncPhase.NotStarted && (isSameUser || fullResync))
        {
            // Its position was forgotten on purpose.
            return At(Fresh(null, scope, local, newGeneration));
        }

        var reason = ResyncCheck.BeforePull(saved, scope.Stamp, local, scope.Kit);
        if (fullResync)
        {
            // Nothing is known any more about the rows of another user or another history.
            return At(Fresh(isSameUser && reason == ResyncReason.None ? saved : null, scope, local, newGeneration));
        }

        if (!isSameUser)
        {
            return new PullStart(null, SyncOutcome.UserChanged, ResyncReason.None);
        }

        if (reason != ResyncReason.None)
        {
            return new PullStart(null, SyncOutcome.ResyncRequired, reason);
        }

        // A demand that comes while a resync is under way may concern rows that the resync has read already.
        var readsAgain = local.Reread is { } demand ? saved.Reread != demand : local.HasUnrecordedChanges && saved.Reconciles is null;

        // The store knows what another resync brought, and would remove what this one did.
        var isForgotten = saved.Generation is { } generation && local.Generation is { } known && known != generation;
        return HasNewColumn(saved, scope.Dataset) || saved.Grade != scope.Grade || readsAgain || isForgotten
            ? At(Fresh(saved, scope, local, newGeneration))
            : At(saved with { Columns = scope.Dataset.Columns });
    }

    private static PullStart At(CheckpointState state) => new(state, SyncOutcome.Completed, ResyncReason.None);

    private static CheckpointState Fresh(CheckpointState? saved, PullScope scope, LocalState local, long newGeneration) => new()
    {
        Scope = scope.Stamp,
        Columns = scope.Dataset.Columns,
        StoreId = local.StoreId,
        Grade = scope.Grade,
        Epoch = scope.Kit?.Table.Epoch,
        Phase = SyncPhase.Backfill,

        // Rows that are stored already must be compared with what the server shows in the end, and so must rows that were removed without a record.
        Generation = local.HasRows || local.HasUnrecordedChanges || local.Reread is not null ? newGeneration : null,
        Reconciles = local.HasUnrecordedChanges ? KnownBy(saved, scope) : null,
        Reread = local.Reread,
        Ranges = [KeyRange.Everything],
    };

    /// <summary>A row below the safe position was certainly in the local store, so its absence is an edit; of any other row that is unknown.</summary>
    private static KnownRows KnownBy(CheckpointState? saved, PullScope scope)
    {
        if (saved?.Reconciles is { } known)
        {
            return known;
        }

        return saved is { Generation: null, SafePosition.CursorValue: { } safe }
            ? new KnownRows(saved.Grade == CompletenessGrade.Exact ? Dataset.SequenceColumn : scope.DeclaredCursor, safe)
            : KnownRows.None;
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
