using Agent.Sync.Stores;

namespace Agent.Sync.Testing.Local;

/// <summary>Writes down what became of changes in flight.</summary>
internal static class Settling
{
    public static void Settle(MemoryTable table, SettlementBatch batch)
    {
        foreach (var settlement in batch.Settlements)
        {
            // What is settled already is not in flight any more, or in flight as another operation.
            if (table.Changes.TryGetValue(settlement.Change, out var change) && change.Frozen is not null && change.OperationId == settlement.Operation)
            {
                Settle(table, batch, settlement, change);
            }
        }
    }

    private static void Settle(MemoryTable table, SettlementBatch batch, Settlement settlement, MemoryChange change)
    {
        var server = settlement.Server is { } page ? MemoryRow.Of(page, settlement.ServerRow) : null;
        switch (settlement.Kind)
        {
            case SettlementKind.Acknowledge:
                Acknowledge(table, batch.Dataset, change, server);
                break;
            case SettlementKind.TakeServer:
                End(table, batch.Dataset, change, server);
                break;
            case SettlementKind.KeepLocal:
                table.MergeUnread(batch.Dataset, change.Key, server, change.Base);
                WaitAgain(table, change.WaitAgain(server));
                break;
            case SettlementKind.TakeMerged:
                Merge(table, batch.Dataset, change, settlement.Merged is { } merged ? MemoryRow.Of(merged, 0) : null);
                WaitAgain(table, change.WaitAgain(server));
                break;
            case SettlementKind.Reject when table.OpenChange(change.Key) is null:
                Quarantine(table, batch, settlement, change, server);
                break;
            default:
                WaitAgain(table, change.WaitAgain(change.Base) with { News = change.News });
                break;
        }
    }

    /// <summary>A rejected edit starts from the server's newest row; an insert stays one, and keeps the row that has its key beside it.</summary>
    private static void Quarantine(MemoryTable table, SettlementBatch batch, Settlement settlement, MemoryChange change, MemoryRow? server)
    {
        if (change.Base is not null)
        {
            table.MergeBeneath(batch.Dataset, change.Key, change.News?.Row, change.Base);
        }

        table.Put(change with
        {
            Base = change.Base is null ? null : change.LastKnown,
            News = change.Base is not null ? null : server is null ? change.News : new ServerNews(server),
            Frozen = null,
            Code = settlement.Code ?? string.Empty,
            Constraint = settlement.Constraint,
            RejectedAt = batch.Now,
        });
    }

    private static void Acknowledge(MemoryTable table, Dataset dataset, MemoryChange change, MemoryRow? server)
    {
        if (server is not null || change.Frozen!.Kind == ChangeKind.Delete)
        {
            End(table, dataset, change, server);
        }
        else
        {
            // What the server made of the row is not known until a pull brings it.
            End(table, dataset, change, change.News is { } news ? news.Row : change.Frozen.Local);
        }
    }

    /// <summary>Ends a change: the local row is the server's, unless an edit waits behind, which then starts from it and keeps what it changed since.</summary>
    private static void End(MemoryTable table, Dataset dataset, MemoryChange change, MemoryRow? server)
    {
        table.Remove(change);
        if (table.OpenChange(change.Key) is { } behind)
        {
            table.MergeBeneath(dataset, change.Key, server, behind.Base);
            table.Put(behind with { Base = server, News = null });
        }
        else
        {
            table.Place(dataset, change.Key, server);
        }
    }

    private static void Merge(MemoryTable table, Dataset dataset, MemoryChange change, MemoryRow? merged)
    {
        if (table.OpenChange(change.Key) is not { } behind)
        {
            table.Place(dataset, change.Key, merged);
        }
        else
        {
            table.MergeBeneath(dataset, change.Key, merged, behind.Base);
        }
    }

    /// <summary>Puts a change back in its place in the queue; an edit behind it becomes a part of it.</summary>
    private static void WaitAgain(MemoryTable table, MemoryChange change)
    {
        if (table.OpenChange(change.Key) is { } behind)
        {
            table.Remove(behind);
        }

        table.Put(change);
    }
}
