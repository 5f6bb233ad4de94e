using System.Text;
using Agent.Sync.Push.Batches;
using Agent.Sync.Push.Rows;
using Agent.Sync.Stores;

namespace Agent.Sync.Push.Settling;

/// <summary>
/// Checks whether the server moves the <c>UpdatedAt</c> and the version column of the rows that it writes. If it does not, other writers never see
/// the edit and later overwrite it, and only the answer to a write shows that.
/// </summary>
/// <remarks>With the SQL kit its own stamp is both.</remarks>
internal sealed class StampCheck(PushContext context)
{
    // A stamp is the writing transaction's start. Whatever the app's lag is, no API lets a statement run for so long.
    private static readonly TimeSpan MostBehind = TimeSpan.FromMinutes(5);

    private Dataset Dataset => context.Dataset;

    private DatasetColumn Cursor => Dataset.Columns[Dataset.CursorOrdinal];

    private int Version => Dataset.VersionOrdinal ?? Dataset.CursorOrdinal;

    /// <summary>Checks the outcome of one change, before it is settled.</summary>
    /// <returns>What to throw once it is settled; null when nothing is visibly wrong.</returns>
    public async ValueTask<SyncException?> FindAsync(PendingChange change, ChangeOutcome outcome, BatchResult result)
    {
        if (context.UsesKit || outcome.Kind != OutcomeKind.Applied || (outcome.Written ?? outcome.Server) is not { } page)
        {
            return null;
        }

        var row = outcome.Written is null ? outcome.ServerRow : 0;
        var cursor = page.GetCell(row, Dataset.CursorOrdinal);
        if (cursor.IsNull)
        {
            return Failure($"leaves column '{Cursor.Name}' without a value");
        }

        if (IsOld(page, row, result))
        {
            return Failure($"leaves a time in column '{Cursor.Name}' that is not the time of the write");
        }

        return change.Kind == ChangeKind.Insert || !MayBeUnmoved(change, page, row)
            ? null
            : await CompareAsync(change, page, row).ConfigureAwait(false);
    }

    private bool IsOld(Page page, int row, BatchResult result) =>
        result.WrittenAt(page) is { } now
        && TimestampText.TryParse(page.GetCell(row, Dataset.CursorOrdinal).Utf8, out var stamp)
        && stamp < TimestampText.ToMicroseconds(now) - (long)MostBehind.TotalMicroseconds
        && stamp < TimestampText.ToMicroseconds(now) - (long)context.Run.Options.OverlapLag.TotalMicroseconds;

    private bool MayBeUnmoved(in PendingChange change, Page page, int row) => Dataset.VersionOrdinal is not null || HasVersion(change, page, row);

    private bool HasVersion(in PendingChange change, Page page, int row) =>
        !change.BaseVersion.IsEmpty && ValueEquality.AreSame(Dataset.Columns[Version].Type, change.BaseVersion.Span, page.GetCell(row, Version).Utf8);

    private async ValueTask<SyncException?> CompareAsync(PendingChange change, Page page, int row)
    {
        ChangeRows images;
        try
        {
            // Not cancelled: a received answer is settled.
            images = await context.Store.ReadRowsAsync(Dataset, change.Id, CancellationToken.None).ConfigureAwait(false);
        }
        catch (SyncStoreException)
        {
            // It was settled by another writer, or the store fails: settling will show which.
            return null;
        }

        if (images.Server.IsEmpty || IsUnchanged(change, images.Server, page, row))
        {
            return null;
        }

        // Both columns may stand still, or one of them. An upsert may have created the row again, with a version that starts over: then only the UpdatedAt column shows it.
        var unmoved = new List<string>();
        var cursorStands = SentValues.AreIn(images.Server.Span, page, row, ordinal => ordinal == Dataset.CursorOrdinal);
        if (HasVersion(change, page, row) && (cursorStands || context.ConflictPolicy != ConflictPolicy.LocalWins))
        {
            unmoved.Add(Dataset.Columns[Version].Name);
        }

        if (Dataset.VersionOrdinal is not null && cursorStands)
        {
            unmoved.Add(Cursor.Name);
        }

        return unmoved.Count == 0 ? null : Failure($"changes the row without moving {(unmoved.Count > 1 ? "columns" : "column")} '{string.Join("' and '", unmoved)}'");
    }

    /// <summary>A trigger may rightly leave the stamp of a row alone if nothing in the row changed.</summary>
    private bool IsUnchanged(PendingChange change, ReadOnlyMemory<byte> before, Page page, int row) => change.Kind == ChangeKind.Delete
        ? SentValues.AreIn(before.Span, page, row, ordinal => ordinal == Dataset.DeletedOrdinal)
        : SentValues.AreIn(before.Span, page, row, ordinal => change.Columns.Contains(Dataset.Columns[ordinal].Name));

    private SyncSchemaException Failure(string what)
    {
        var assignments = new StringBuilder($"new.\"{Cursor.Name}\" := now();");
        if (Dataset.VersionOrdinal is { } version)
        {
            var name = Dataset.Columns[version].Name;
            assignments.Append(System.Globalization.CultureInfo.InvariantCulture, $" new.\"{name}\" := case tg_op when 'INSERT' then 1 else old.\"{name}\" + 1 end;");
        }

        var (schema, table) = (Dataset.Schema, Dataset.RemoteTable);
        return new SyncSchemaException(
            SyncErrorKind.RemoteSchema,
            $"A write to table '{schema}.{table}' {what}, so other devices do not see it and may overwrite it. The change itself is on the server. Run as the owner: "
            + $"create function \"{schema}\".\"{table}_stamp\"() returns trigger language plpgsql as $$ begin {assignments} return new; end $$; "
            + $"create trigger \"{table}_stamp\" before insert or update on \"{schema}\".\"{table}\" for each row execute function \"{schema}\".\"{table}_stamp\"(); "
            + "then touch the rows that were edited before: an update of any of their columns is enough.",
            Dataset.Name);
    }
}
