using Agent.Sync.Pull;
using Agent.Sync.Stores;

namespace Agent.Sync.Verify;

/// <summary>Tells what the server deleted since the last sync from rows that are extra: the SQL kit's tombstones name it.</summary>
internal sealed class DeletedRows(VerifyContext context, LocalRows local, RowHasher hasher)
{
    // A report has to remember them, since a key may have several tombstones.
    private const int MostToRemember = 100_000;

    private readonly HashSet<ulong> _counted = [];

    /// <summary>Removes them where a repair was asked for; else takes them for rows that the server has.</summary>
    /// <returns>False when there are too many to tell, because the last sync was long ago.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var fetcher = context.NewFetcher(context.Kit!.Tombstones, PageSizer.For(new SyncRequest(), context.Settings));
        var pages = new CursorPager(fetcher, PageContent.Tombstones).ReadAsync(CursorPosition.AtOrAfter(context.State.Below), TotalCount.None, cancellationToken);
        await foreach (var read in pages.ConfigureAwait(false))
        {
            using var page = read.Page;
            if (page.Count == 0)
            {
                break;
            }

            if (context.Options.Repair)
            {
                await context.Lease.RenewIfDueAsync().ConfigureAwait(false);
                var batch = new ApplyBatch(context.Kit.Tombstones, [page], Checkpoint: null, Generation: null) { AreTombstones = true };
                var result = await context.Keeper.ApplyAsync(context.Local, batch, context.Checkpoint).ConfigureAwait(false);
                context.State.Counts.Newer += result.Deleted;
                context.State.Counts.Removed += result.Deleted;
            }
            else if (!await CountAsync(page, cancellationToken).ConfigureAwait(false))
            {
                return false;
            }
        }

        return true;
    }

    private async Task<bool> CountAsync(Page page, CancellationToken cancellationToken)
    {
        var found = await local.FindAsync(page, cancellationToken).ConfigureAwait(false);
        for (var row = 0; row < page.Count; row++)
        {
            var tombstone = hasher.Hash(page.GetRow(row).Span);
            if (found[row] is { State: KeptRowState.Stored, Hash: { } hash } && hash.Position < tombstone.Position && _counted.Add(tombstone.Key))
            {
                context.State.Counts.Newer++;
                context.State.Table.Add(tombstone.Bucket, tombstone.Key);
            }
        }

        return _counted.Count < MostToRemember;
    }
}
