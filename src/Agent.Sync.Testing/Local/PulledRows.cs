using Agent.Sync.Stores;

namespace Agent.Sync.Testing.Local;

/// <summary>Applies what a pull brought to a table.</summary>
internal static class PulledRows
{
    public static ApplyResult Apply(MemoryTable table, ApplyBatch batch, CancellationToken cancellationToken)
    {
        if (batch.Generation is { } generation && table.Generation != generation)
        {
            (table.Generation, table.Seen) = (generation, table.Seen.Clear());
            table.BeginReading();
            table.Arrived = table.Arrived.Clear();
        }

        var counts = new long[Enum.GetValues<RowOutcome>().Length];
        foreach (var page in batch.Pages)
        {
            for (var index = 0; index < page.Count; index++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                counts[(int)Apply(table, batch, page, index)]++;
            }
        }

        var restamped = counts[(int)RowOutcome.Restamped];
        return new ApplyResult(counts[(int)RowOutcome.Applied] + restamped, counts[(int)RowOutcome.Unchanged], counts[(int)RowOutcome.Deleted]) { SameVersion = restamped };
    }

    /// <summary>Ends a resync; the caller drops the copy when the guard refuses.</summary>
    public static SwapResult Swap(MemoryTable table, GenerationSwap swap)
    {
        var seen = table.Generation == swap.Generation ? table.Seen : table.Seen.Clear();
        var rows = table.Rows;
        var unchanged = rows.Where(row => table.ChangeOf(row.Key) is null).ToList();
        var missing = unchanged.Where(row => !seen.Contains(row.Key)).ToList();
        if (swap.Reconciliation is { } search)
        {
            foreach (var (key, row) in missing.Where(row => EditFinder.IsLocal(swap.Dataset, row.Value)))
            {
                table.Record(key, RowRules.KeyJson(swap.Dataset, row), from: null);
            }

            missing.RemoveAll(row => EditFinder.IsLocal(swap.Dataset, row.Value));
            var kept = EditFinder.KeepAbsent(table, swap.Dataset, missing, search.KeepsDeleted);
            missing.RemoveAll(row => kept.Contains(row.Key));
            foreach (var change in table.Changes.Values.Where(static change => change.IsUncompared))
            {
                table.Put(change with { IsUncompared = false });
            }

            table.HasUnrecordedChanges = false;
        }

        var held = swap.Reconciliation is { } reconciliation ? EditFinder.Decide(table, swap.Dataset, reconciliation) : 0;
        table.EndReading();

        table.Rows = rows.RemoveRange(missing.Select(static row => row.Key));
        foreach (var change in table.Changes.Values.Where(change => change.LastKnown is not null && !seen.Contains(change.Key) && table.ChangeOf(change.Key) == change))
        {
            table.Put(change.Learn(null));
        }

        var isRefused = missing.Count > 0 && (double)missing.Count / unchanged.Count > swap.MaxRemovedShare;
        return new SwapResult(isRefused, missing.Count, rows.Count) { Held = held };
    }

    private static RowOutcome Apply(MemoryTable table, ApplyBatch batch, Page page, int index)
    {
        var row = MemoryRow.Of(page, index);
        var key = RowRules.KeyOf(page.Dataset, row);
        if (batch.AreTombstones)
        {
            return Bury(table, page.Dataset, key, row);
        }

        table.Seen = batch.Generation is null ? table.Seen : table.Seen.Add(key);
        if (table.ChangeOf(key) is { } change)
        {
            if (batch.Reconciliation is not null && EditFinder.CompareRecorded(page.Dataset, change, row) is { } compared)
            {
                table.Put(compared);
                return RowOutcome.Unchanged;
            }

            table.Put(Hold(table, change, page.Dataset, row, IsWhole(batch)));
            return RowOutcome.Unchanged;
        }

        return batch.Reconciliation is { } reconciliation
            ? EditFinder.Compare(table, page.Dataset, key, row, () => reconciliation.WasKnown(page, index))
            : Arrive(table, page.Dataset, key, row, IsWhole(batch));
    }

    /// <summary>Whether what comes is what the server has now, whatever its version.</summary>
    private static bool IsWhole(ApplyBatch batch) => batch.Generation is not null || batch.IsRepair;

    private static RowOutcome Arrive(MemoryTable table, Dataset dataset, string key, MemoryRow row, bool isResync)
    {
        var there = table.Rows.GetValueOrDefault(key);
        if (RowRules.IsRemoval(dataset, row))
        {
            if (there is null || (!isResync && dataset.VersionOrdinal is not null && RowRules.HasHigherVersion(dataset, there, row)))
            {
                return RowOutcome.Unchanged;
            }

            table.Place(dataset, key, null);
            return RowOutcome.Deleted;
        }

        if (there is not null && (isResync ? row.Json == there.Json : !RowRules.IsNewer(dataset, row, there)))
        {
            return RowOutcome.Unchanged;
        }

        var isRestamped = !isResync && there is not null && RowRules.IsRestamped(dataset, row, there);
        table.Place(dataset, key, row);
        return isRestamped ? RowOutcome.Restamped : RowOutcome.Applied;
    }

    /// <summary>A row with a local change stays as it is; the change learns what is new.</summary>
    private static MemoryChange Hold(MemoryTable table, MemoryChange change, Dataset dataset, MemoryRow row, bool isResync)
    {
        // After a deletion the base still tells an old row that is read once more.
        var known = change.LastKnown ?? change.Base;
        if (known is null)
        {
            return change.Learn(row);
        }

        if (ReferenceEquals(known, change.Base) && (Completes(table, dataset, row, known) || (isResync && RowRules.IsSameVersion(dataset, row, known))))
        {
            table.MergeBeneath(dataset, change.Key, row, known);
            return change with { Base = row };
        }

        if (!isResync && !RowRules.IsNewer(dataset, row, known))
        {
            return change;
        }

        if (change.LiesInQuarantine)
        {
            table.MergeBeneath(dataset, change.Key, row, known);
        }

        return change.Learn(row);
    }

    /// <summary>Whether a base that was read without the version column is this very row: then nothing happened but that the column became known.</summary>
    private static bool Completes(MemoryTable table, Dataset dataset, MemoryRow row, MemoryRow known)
    {
        var version = RowRules.VersionColumn(dataset);
        return known[version] is null && known.Values.Keys.All(name => name == version || table.Unread.Contains(name) || known[name] == row[name]);
    }

    private static RowOutcome Bury(MemoryTable table, Dataset tombstones, string key, MemoryRow tombstone)
    {
        var change = table.ChangeOf(key);
        var known = change is null ? table.Rows.GetValueOrDefault(key) : change.LastKnown;
        if (known is null || !IsBelow(known, tombstone, tombstones.Columns[tombstones.CursorOrdinal].Name))
        {
            return RowOutcome.Unchanged;
        }

        if (change is not null)
        {
            table.Put(change.Learn(null));
            return RowOutcome.Unchanged;
        }

        table.Place(tombstones, key, null);
        return RowOutcome.Deleted;
    }

    private static bool IsBelow(MemoryRow row, MemoryRow tombstone, string sequence) =>
        row[sequence] is not { } value
        || long.Parse(value, System.Globalization.CultureInfo.InvariantCulture) < long.Parse(tombstone[sequence]!, System.Globalization.CultureInfo.InvariantCulture);
}
