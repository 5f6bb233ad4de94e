using Agent.Sync.Local;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Outbox;

namespace Agent.Sync.Sqlite.Rows;

/// <summary>Applies pages in the caller's transaction.</summary>
internal sealed class PageApplier(SqliteDatabase database, DatasetPlan plan)
{
    private const int RowsBetweenCancellationChecks = 256;

    private long _applied;

    private long _unchanged;

    private long _deleted;

    public ApplyResult Apply(ApplyBatch batch, CancellationToken cancellationToken)
    {
        using var binder = new PageBinder(plan);
        var changes = OutboxChanges.Read(database, plan.Dataset);
        if (batch.Content == PageContent.Tombstones)
        {
            using var tombstones = new Tombstones(database, plan, binder, changes.Any);
            Apply(batch.Pages, tombstones.Apply, cancellationToken);
            return new ApplyResult(_applied, _unchanged, _deleted);
        }

        var isResync = batch.Generation is not null;
        var seeSql = batch.Generation is { } generation ? new GenerationTable(database, batch.Dataset).Enter(generation) : null;
        using var writer = new RowWriter(database, plan, binder, isResync ? ReplaceMode.OlderOrSame : ReplaceMode.Older, seeSql);
        if (batch.Reconciliation is { } reconciliation && changes.Exists)
        {
            using var reconciler = new Reconciler(database, plan, binder, writer, reconciliation);
            Apply(batch.Pages, reconciler.Apply, cancellationToken);
        }
        else if (changes.Any)
        {
            using var held = new HeldRows(database, plan, binder, isResync);
            Apply(batch.Pages, (page, row) => Write(writer, held, page, row), cancellationToken);
        }
        else
        {
            Apply(batch.Pages, writer.Write, cancellationToken);
        }

        return new ApplyResult(_applied, _unchanged, _deleted);
    }

    private static RowOutcome Write(RowWriter writer, HeldRows held, Page page, int row)
    {
        if (!held.TryHold(page, row))
        {
            return writer.Write(page, row);
        }

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
            case RowOutcome.Deleted:
                _deleted++;
                break;
            default:
                _unchanged++;
                break;
        }
    }
}
