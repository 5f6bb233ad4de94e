using System.Text;
using Agent.Sync.Stores;

namespace Agent.Sync.Testing.Local;

/// <summary>Hands a table's changes out to be sent.</summary>
internal static class Outbox
{
    public static ChangeBatch Take(MemoryTable table, TakeRequest request)
    {
        using var builder = new ChangeBatchBuilder();
        var columns = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var change in table.Changes.Values.Where(change => change.Id > request.After))
        {
            if (builder.Count == request.MaxChanges)
            {
                break;
            }

            if (Freeze(table, request.Dataset, change) is not { } frozen || (frozen.Frozen!.Kind == ChangeKind.Delete) != (request.Part == ChangePart.Deletes))
            {
                continue;
            }

            if (!TryAdd(table, builder, columns, request, frozen))
            {
                break;
            }

            table.Put(frozen);
        }

        return builder.Build();
    }

    /// <summary>Returns the change as it goes out; null when it does not go now. An edit that was taken back is dropped.</summary>
    private static MemoryChange? Freeze(MemoryTable table, Dataset dataset, MemoryChange change)
    {
        if (change.Frozen is { } sent)
        {
            KeepBehind(table, dataset, change, sent);
            return change;
        }

        if (change.State != ChangeState.Waiting || change.IsUncompared)
        {
            return null;
        }

        if (table.InFlight(change.Key) is not null)
        {
            return null;
        }

        var local = table.Rows.GetValueOrDefault(change.Key);
        if (change.Net(dataset, local) is { } kind)
        {
            // A number of its own for each content: a copy of the store from before may be put back, and edited otherwise.
            return change with { OperationId = Guid.NewGuid(), Frozen = new FrozenEdit(kind, local) };
        }

        table.Remove(change);
        if (change.News is { } news)
        {
            table.Place(dataset, change.Key, news.Row);
        }

        return null;
    }

    /// <summary>Makes an edit of a row in flight that nothing recorded one that waits behind it.</summary>
    private static void KeepBehind(MemoryTable table, Dataset dataset, MemoryChange change, FrozenEdit sent)
    {
        var local = table.Rows.GetValueOrDefault(change.Key);
        var isAsSent = (local, sent.Local) switch
        {
            (null, null) => true,
            ({ } now, { } then) => RowRules.Differing(dataset, now, then).All(table.Unread.Contains),
            _ => false,
        };
        if (!isAsSent && table.OpenChange(change.Key) is null)
        {
            table.Record(change.Key, change.KeyJson, sent.Local);
        }
    }

    private static bool TryAdd(MemoryTable table, ChangeBatchBuilder builder, Dictionary<string, IReadOnlyList<string>> columns, TakeRequest request, MemoryChange change)
    {
        var (kind, local) = (change.Frozen!.Kind, change.Frozen.Local);
        var names = Columns(table, request, change).ToList();
        var key = Encoding.UTF8.GetBytes(change.KeyJson);
        var version = Encoding.UTF8.GetBytes(change.Base?.TextOf(RowRules.VersionColumn(request.Dataset)) ?? string.Empty);
        var row = kind == ChangeKind.Delete ? [] : Encoding.UTF8.GetBytes(MemoryRow.Write(names, local!.Values));
        if (builder.Count > 0 && builder.Bytes + (long)key.Length + version.Length + row.Length > request.MaxBytes)
        {
            return false;
        }

        var list = string.Join(',', names);
        columns.TryAdd(list, names);
        builder.Add(change.Id, change.OperationId, kind, columns[list], key, version, row);
        return true;
    }

    private static IEnumerable<string> Columns(MemoryTable table, TakeRequest request, MemoryChange change)
    {
        var dataset = request.Dataset;
        var pushed = dataset.PushedOrdinals.Select(ordinal => dataset.Columns[ordinal].Name);
        return change.Frozen!.Kind switch
        {
            ChangeKind.Insert => pushed.Where(name => change.Frozen.Local![name] is not null),
            // A whole row leaves out what was not read yet: nobody wrote it.
            ChangeKind.Update => pushed.Where(name => (request.WholeRows && !table.Unread.Contains(name)) || change.Base![name] != change.Frozen.Local![name]),
            _ => [],
        };
    }
}
