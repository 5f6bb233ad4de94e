using System.Text;
using Agent.Sync.Stores;

namespace Agent.Sync.Testing.Local;

/// <summary>What the app and the engine may ask of a table's changes besides sending them.</summary>
internal static class ChangeDesk
{
    public static ChangeCounts Count(MemoryTable table)
    {
        var quarantined = table.Changes.Values.LongCount(static change => change.State == ChangeState.Quarantined);
        return new ChangeCounts(table.Changes.Count - quarantined, quarantined);
    }

    public static IReadOnlyList<LocalChange> List(MemoryTable table, Dataset dataset, ChangeState? state, long after, int limit) =>
    [
        .. table.Changes.Values
            .Where(change => change.Id > after && (state is null || change.State == state))
            .Take(limit)
            .Select(change => Describe(table, dataset, change)),
    ];

    /// <summary>Finds the local row and the changes of a key.</summary>
    public static StoredRow Find(MemoryTable table, Dataset dataset, MemoryRow keyRow)
    {
        var key = RowRules.KeyOf(dataset, keyRow);
        MemoryChange[] changes = [.. table.Changes.Values.Where(change => change.Key == key)];
        return new StoredRow(Image(dataset, table.Rows.GetValueOrDefault(key)), [.. changes.Select(change => Describe(table, dataset, change))])
        {
            Base = Image(dataset, changes.FirstOrDefault()?.Base),
        };
    }

    public static ChangeRows Images(MemoryTable table, Dataset dataset, long change)
    {
        return table.Changes.TryGetValue(change, out var found)
            ? new ChangeRows(change, Image(dataset, found.Frozen is { } frozen ? frozen.Local : table.Rows.GetValueOrDefault(found.Key)), Image(dataset, found.Base))
            : throw new SyncStoreException(
                SyncErrorKind.StoreFailed, "There is no such change: it was settled or discarded. Read the changes again, or sync again.", dataset.Name, isTransient: true);
    }

    public static int Retry(MemoryTable table, IReadOnlyCollection<long>? changes)
    {
        var chosen = Choose(table, changes, static change => change.State == ChangeState.Quarantined);
        chosen.ForEach(change => table.Put(change.WaitAgain(change.Base) with { News = change.News }));
        return chosen.Count;
    }

    public static int Discard(MemoryTable table, Dataset dataset, IReadOnlyCollection<long>? changes)
    {
        var chosen = Choose(table, changes, change => change.State == ChangeState.Quarantined || (changes is not null && change.Frozen is null));
        foreach (var change in chosen)
        {
            table.Remove(change);

            // What is in flight may arrive: behind it the local row is what was sent.
            table.Place(dataset, change.Key, table.InFlight(change.Key) is { } ahead ? ahead.Frozen!.Local : change.LastKnown);
        }

        return chosen.Count;
    }

    private static ReadOnlyMemory<byte> Image(Dataset dataset, MemoryRow? row) => row is null ? default : Encoding.UTF8.GetBytes(MemoryRow.Of(dataset, row.Values).Json);

    private static LocalChange Describe(MemoryTable table, Dataset dataset, MemoryChange change) => new()
    {
        Id = change.Id,
        Dataset = dataset.Name,
        Kind = change.Frozen?.Kind ?? change.Net(dataset, table.Rows.GetValueOrDefault(change.Key)) ?? ChangeKind.Update,
        State = change.State,
        Key = change.KeyJson,
        Code = change.Code,
        Constraint = change.Constraint,
        RejectedAt = change.RejectedAt,
    };

    private static List<MemoryChange> Choose(MemoryTable table, IReadOnlyCollection<long>? changes, Func<MemoryChange, bool> isMeant) =>
        [.. table.Changes.Values.Where(change => (changes is null || changes.Contains(change.Id)) && isMeant(change))];
}
