using Agent.Sync.Local;
using Agent.Sync.Sqlite.Database;

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
        var isResync = batch.Generation is not null;
        var seeSql = batch.Generation is { } generation ? new GenerationTable(database, batch.Dataset).Enter(generation) : null;
        using var writer = new RowWriter(database, plan, isResync, seeSql);
        foreach (var page in batch.Pages)
        {
            Apply(writer, page, cancellationToken);
        }

        return new ApplyResult(_applied, _unchanged, _deleted);
    }

    private void Apply(RowWriter writer, Page page, CancellationToken cancellationToken)
    {
        for (var row = 0; row < page.Count; row++)
        {
            if (row % RowsBetweenCancellationChecks == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            Count(writer.Write(page, row));
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
