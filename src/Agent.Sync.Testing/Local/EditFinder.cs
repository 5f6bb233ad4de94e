using Agent.Sync.Stores;

namespace Agent.Sync.Testing.Local;

/// <summary>Finds the edits that were not recorded by comparing rows with the server's. See <see cref="Reconciliation"/>.</summary>
internal static class EditFinder
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
                Record(table, dataset, key, server, isCertain: true);
                return RowOutcome.Unchanged;
            }

            table.Place(dataset, key, server);
            table.Arrived = table.Arrived.Add(key);
            return RowOutcome.Applied;
        }

        if (IsSameButForTheDeletion(table, dataset, server, local))
        {
            table.Place(dataset, key, server);
            return isGone ? RowOutcome.Deleted : RowOutcome.Applied;
        }

        var isSameVersion = table.Unread.Contains(RowRules.VersionColumn(dataset)) ? wasKnown() : RowRules.IsSameVersion(dataset, server, local) && !RowRules.IsRestamped(dataset, server, local);
        Record(table, dataset, key, server, isSameVersion);
        table.Fill(dataset, key, server);
        return RowOutcome.Unchanged;
    }

    /// <summary>
    /// Compares a row whose edit was recorded during the search. A base that differs from the server's row has an unrecorded edit in it: the change is then a found one, whole, or
    /// is left to the user where the server's version is another.
    /// </summary>
    /// <returns>The change as it is now; null where its row tells nothing of it, and it is held as any other.</returns>
    public static MemoryChange? CompareRecorded(Dataset dataset, MemoryChange change, MemoryRow server)
    {
        if (!change.IsUncompared || change.Base is not { } from)
        {
            return null;
        }

        var isSameVersion = RowRules.IsSameVersion(dataset, server, from);
        return isSameVersion && RowRules.IsSameContent(dataset, from, server)
            ? change with { IsUncompared = false }
            : change with { Base = server, News = null, Code = ChangeCodes.Unrecorded, IsFound = isSameVersion, IsUncompared = false };
    }

    /// <summary>
    /// Keeps rows with a version that the server does not have: one that may have had another key there, since a row of the server's was missing here, and every one where an edit
    /// would win over the deletion. Where both halves of a moved row have one version, the delete is left to the user with it.
    /// </summary>
    /// <returns>The keys that stay.</returns>
    public static IReadOnlyCollection<string> KeepAbsent(MemoryTable table, Dataset dataset, IEnumerable<KeyValuePair<string, MemoryRow>> missing, bool keepsDeleted)
    {
        var gone = table.Changes.Values.Where(change => change.IsFound && !table.Rows.ContainsKey(change.Key)).ToList();
        var arrived = table.Arrived.Select(key => table.Rows.GetValueOrDefault(key)).OfType<MemoryRow>().ToList();
        HashSet<string> kept = new(StringComparer.Ordinal);
        foreach (var (key, row) in missing)
        {
            var halves = gone.Where(change => RowRules.IsSameVersion(dataset, change.Base!, row)).ToList();

            // A row that the server may have written since has a later version there; which one it was nobody can tell.
            if (keepsDeleted || halves.Count > 0 || arrived.Exists(server => !RowRules.IsLater(dataset, row, server)))
            {
                kept.Add(key);
                table.Put(table.Record(key, RowRules.KeyJson(dataset, row), from: null) with { Code = ChangeCodes.Unrecorded });
                halves.ForEach(half => table.Put(half with { IsFound = false }));
            }
        }

        return kept;
    }

    /// <summary>Sends the edits that were found, or leaves them in quarantine where there are too many, or a column has no value in any row.</summary>
    /// <returns>How many are left to the user.</returns>
    public static long Decide(MemoryTable table, Dataset dataset, Reconciliation reconciliation)
    {
        var found = table.Changes.Values.Where(static change => change.IsFound).ToList();
        var emptied = dataset.PushedOrdinals.Select(ordinal => dataset.Columns[ordinal].Name)
            .Where(name => !table.Unread.Contains(name) && table.Rows.Values.All(row => row[name] is null)).ToList();
        var held = found.Where(change => table.Rows.TryGetValue(change.Key, out var local) && emptied.Exists(name => change.Base![name] != local[name])).ToHashSet();
        if (reconciliation.IsTooMuch(found.Count - held.Count, table.Rows.Count))
        {
            held = [.. found];
        }

        found.ForEach(change => table.Put(held.Contains(change) ? change with { IsFound = false } : change.WaitAgain(change.Base) with { News = change.News }));
        return held.Count;
    }

    private static void Record(MemoryTable table, Dataset dataset, string key, MemoryRow server, bool isCertain) =>
        table.Put(table.Record(key, RowRules.KeyJson(dataset, server), server) with { Code = ChangeCodes.Unrecorded, IsFound = isCertain });

    private static bool IsSameButForTheDeletion(MemoryTable table, Dataset dataset, MemoryRow server, MemoryRow local)
    {
        var deleted = dataset.DeletedOrdinal is { } ordinal && RowRules.IsRemoval(dataset, server) ? dataset.Columns[ordinal].Name : null;
        return RowRules.Differing(dataset, server, local).All(name => name == deleted || table.Unread.Contains(name));
    }
}
