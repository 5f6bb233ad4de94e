using Agent.Sync.Postgrest;
using Agent.Sync.Pull;
using Agent.Sync.Stores;

namespace Agent.Sync.Verify;

/// <summary>Compares the rows of the server with the local ones, one by one, and brings those that differ where a repair was asked for.</summary>
internal sealed class RowComparison(VerifyContext context, LocalRows local)
{
    // As many keys fit into a look-up, more or less; a whole page costs one request however many of its rows are asked for.
    private const int KeysOfLookUp = 80;

    private readonly KeyLookUp _server = new(context);

    private VerifyCounts Counts => context.State.Counts;

    public async Task CompareAsync(ServerPage page, CancellationToken cancellationToken)
    {
        var found = await local.FindAsync(page.Keys, cancellationToken).ConfigureAwait(false);
        var differing = new List<int>();
        var lacksPosition = false;
        for (var row = 0; row < page.Rows.Count; row++)
        {
            if (found[row].State == KeptRowState.Stored)
            {
                context.State.Table.Add(page.Rows[row].Bucket, page.Rows[row].Key);
            }

            lacksPosition |= page.Rows[row].Position is null;
            if (Differs(page.Rows[row], found[row]))
            {
                differing.Add(row);
            }
        }

        if (context.Options.Repair && differing.Count > 0)
        {
            await BringAsync(page, differing, lacksPosition, cancellationToken).ConfigureAwait(false);
            await CountRestoredAsync(page, differing, found, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Tells whether a row has to be brought, and counts what is wrong with it.</summary>
    private bool Differs(RowHash server, LocalRow row)
    {
        if (server.Position is not { } position)
        {
            Counts.WithoutPosition++;
            return false;
        }

        if (row.State == KeptRowState.Absent ? server.IsDeleted : row.Hash is { } hash && !server.IsDeleted && hash.Row == server.Row)
        {
            return false;
        }

        if (row is { State: not KeptRowState.Absent, Hash: null })
        {
            Counts.LeftOut++;
            return false;
        }

        if (position >= context.Below)
        {
            Counts.Newer++;
        }
        else if (row.State == KeptRowState.Absent)
        {
            Counts.Missing++;
        }
        else
        {
            Counts.Stale++;
        }

        return true;
    }

    private async Task BringAsync(ServerPage page, List<int> rows, bool lacksPosition, CancellationToken cancellationToken)
    {
        var pageRows = PageSizer.For(new SyncRequest(), context.Settings).Limit;
        if (!lacksPosition && (rows.Count / KeysOfLookUp) > (page.Walked / pageRows) + 1)
        {
            await BringRangeAsync(page, cancellationToken).ConfigureAwait(false);
            return;
        }

        var (found, _) = await _server.FindAsync(page.Keys, rows, cancellationToken).ConfigureAwait(false);
        try
        {
            await ApplyAsync(found).ConfigureAwait(false);
        }
        finally
        {
            found.ForEach(static one => one.Dispose());
        }
    }

    /// <summary>Reads everything between the page's first key and its last.</summary>
    private async Task BringRangeAsync(ServerPage page, CancellationToken cancellationToken)
    {
        var fetcher = context.NewFetcher(context.Dataset, PageSizer.For(new SyncRequest(), context.Settings));
        var after = page.After is { } key ? new CursorPosition(PageOrder.Key, null, key) : null;
        var guard = new PageOrderGuard(context.Dataset, PageOrder.Key, after) { UpTo = page.Last };
        var chain = new PageChain(guard);
        while (true)
        {
            var query = new PageQuery(context.Dataset, PageOrder.Key, after, fetcher.Sizer.Limit) { UpTo = page.Last };
            var read = await fetcher.FetchAsync(chain, query, cancellationToken).ConfigureAwait(false);
            using var rows = read.Page;
            if (read.Last is null)
            {
                return;
            }

            await ApplyAsync([rows]).ConfigureAwait(false);
            after = read.Last;
        }
    }

    private async Task ApplyAsync(IReadOnlyList<Page> pages)
    {
        if (pages.Sum(static page => page.Count) == 0)
        {
            return;
        }

        await context.Lease.RenewIfDueAsync().ConfigureAwait(false);
        var batch = new ApplyBatch(context.Dataset, pages, Checkpoint: null, Generation: null) { IsRepair = true };
        await context.Keeper.ApplyAsync(context.Local, batch, context.Checkpoint).ConfigureAwait(false);
    }

    /// <summary>Looks again, since a row may have been refused, edited or removed meanwhile.</summary>
    private async Task CountRestoredAsync(ServerPage page, List<int> rows, LocalRow[] before, CancellationToken cancellationToken)
    {
        var found = await local.FindAsync(page.Keys, cancellationToken).ConfigureAwait(false);
        foreach (var row in rows)
        {
            var (was, now) = (before[row], found[row]);
            Counts.Restored += (was.State, was.Hash?.Row) != (now.State, now.Hash?.Row) ? 1 : 0;
            if (was.State != KeptRowState.Stored && now.State == KeptRowState.Stored)
            {
                context.State.Table.Add(page.Rows[row].Bucket, page.Rows[row].Key);
            }
            else if (was.State == KeptRowState.Stored && now.State != KeptRowState.Stored)
            {
                context.State.Table.Remove(page.Rows[row].Bucket, page.Rows[row].Key);
            }
        }
    }
}
