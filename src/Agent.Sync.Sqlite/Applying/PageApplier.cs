using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Outbox;
using Agent.Sync.Sqlite.Rows;
using Agent.Sync.Stores;

namespace Agent.Sync.Sqlite.Applying;

/// <summary>Applies pages in the caller's transaction.</summary>
/// <param name="database">The database.</param>
/// <param name="plan">The plan of the rows, or of the tombstones.</param>
/// <param name="isCareful">Whether rows that the table refuses are parked; without it one of them ends the transaction.</param>
internal sealed class PageApplier(SqliteDatabase database, DatasetPlan plan, bool isCareful)
{
    private const int RowsBetweenCancellationChecks = 256;

    private long _applied;

    private long _unchanged;

    private long _deleted;

    private long _refused;

    private long _restamped;

    /// <summary>Gets a value indicating whether rows are parked, now or from before: what was applied may have made room for them.</summary>
    public bool HasParked { get; private set; }

    public ApplyResult Apply(ApplyBatch batch, CancellationToken cancellationToken)
    {
        using var binder = new PageBinder(plan);
        var changes = OutboxChanges.Read(database, plan.Dataset);
        var isTombstones = batch.AreTombstones;
        using var parked = isCareful || changes.HasParked
            ? new ParkedRows(database, plan, binder, batch.Generation, isTombstones ? ParkedTable.Tombstone : ParkedTable.Row)
            : null;
        if (isTombstones)
        {
            using var tombstones = new Tombstones(database, plan, binder, changes.Any, parked);
            Apply(batch.Pages, tombstones.Apply, cancellationToken);
        }
        else
        {
            ApplyRows(batch, binder, changes, parked, cancellationToken);
        }

        HasParked = changes.HasParked || parked?.HasParked == true;

        return new ApplyResult(_applied, _unchanged, _deleted) { Parked = _refused, SameVersion = _restamped };
    }

    private void ApplyRows(ApplyBatch batch, PageBinder binder, OutboxChanges changes, ParkedRows? parked, CancellationToken cancellationToken)
    {
        var isResync = batch.Generation is not null || batch.IsRepair;
        var seeSql = batch.Generation is { } generation ? new GenerationTable(database, batch.Dataset).Enter(generation) : null;
        using var writer = new RowWriter(database, plan, binder, isResync ? ReplaceMode.Always : ReplaceMode.Older, seeSql, parked, isCareful);
        if (batch.Reconciliation is { } reconciliation && changes.Exists)
        {
            using var reconciler = new Reconciler(database, plan, binder, writer, reconciliation, parked, isCareful);
            Apply(batch.Pages, reconciler.Apply, cancellationToken);
        }
        else if (changes.Any)
        {
            using var held = new HeldRows(database, plan, binder, isResync);
            Apply(batch.Pages, (page, row) => Write(writer, held, parked, page, row), cancellationToken);
        }
        else
        {
            Apply(batch.Pages, writer.Write, cancellationToken);
        }
    }

    private static RowOutcome Write(RowWriter writer, HeldRows held, ParkedRows? parked, Page page, int row)
    {
        if (!held.TryHold(page, row))
        {
            return writer.Write(page, row);
        }

        parked?.Forget(page, row);

        if (!writer.IsRemoval(page, row))
        {
            writer.See(page, row);
        }

        return RowOutcome.Unchanged;
    }

    private void Apply(IReadOnlyList<Page> pages, Func<Page, int, RowOutcome> write, CancellationToken cancellationToken)
    {
        foreach (var page in pages)
        {
            for (var row = 0; row < page.Count; row++)
            {
                if (row % RowsBetweenCancellationChecks == 0)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                }

                Count(write(page, row));
            }
        }
    }

    private void Count(RowOutcome outcome)
    {
        switch (outcome)
        {
            case RowOutcome.Applied:
                _applied++;
                break;
            case RowOutcome.Restamped:
                _applied++;
                _restamped++;
                break;
            case RowOutcome.Deleted:
                _deleted++;
                break;
            case RowOutcome.Parked:
                _refused++;
                break;
            default:
                _unchanged++;
                break;
        }
    }
}
