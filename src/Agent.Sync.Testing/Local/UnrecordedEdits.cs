using Agent.Sync.Local;

namespace Agent.Sync.Testing.Local;

/// <summary>Finds the edits that were not recorded by comparing rows with the server's. See <see cref="Reconciliation"/>.</summary>
internal static class UnrecordedEdits
{
    /// <summary>A row that never was on a server has no version.</summary>
    public static bool IsLocal(Dataset dataset, MemoryRow row) => row[RowRules.VersionColumn(dataset)] is null;

    public static RowOutcome Compare(MemoryTable table, Dataset dataset, string key, MemoryRow server, Func<bool> wasKnown)
    {
        var isGone = RowRules.IsRemoval(dataset, server);
        if (!table.Rows.TryGetValue(key, out var local))
        {
            if (isGone)
            {
                return RowOutcome.Unchanged;
            }

            if (wasKnown())
            {
                table.Record(key, RowRules.KeyJson(dataset, server), server);
                return RowOutcome.Unchanged;
            }

            table.Place(dataset, key, server);
            return RowOutcome.Applied;
        }

        if (IsSameButForTheDeletion(dataset, server, local))
        {
            table.Place(dataset, key, server);
            return isGone ? RowOutcome.Deleted : RowOutcome.Applied;
        }

        var change = table.Record(key, RowRules.KeyJson(dataset, server), server);
        if (!RowRules.IsSameVersion(dataset, server, local))
        {
            table.Put(change with { Code = Reconciliation.Unrecorded });
        }

        return RowOutcome.Unchanged;
    }

    private static bool IsSameButForTheDeletion(Dataset dataset, MemoryRow server, MemoryRow local)
    {
        var deleted = dataset.DeletedOrdinal is { } ordinal && RowRules.IsRemoval(dataset, server) ? dataset.Columns[ordinal].Name : null;
        return RowRules.Differing(dataset, server, local).All(name => name == deleted);
    }
}
