using Agent.Sync.Stores;

namespace Agent.Sync.Verify;

/// <summary>Finds the local rows that the server did not show, and removes them where a repair was asked for and the guard allows it.</summary>
/// <remarks>
/// The comparison kept the count and the hash of the keys that both sides have, bucket by bucket. Where the local rows add up to more, some are extra; how many is known before the
/// first is removed. Which ones they are, the server is asked once more.
/// </remarks>
internal sealed class ExtraRows(VerifyContext context, LocalRows local, RowHasher hasher)
{
    private const int KeysOfBatch = 1_000;

    private readonly KeyLookUp _server = new(context);
    private readonly Dataset _keys = context.Dataset.WithColumns(context.Columns);

    private VerifyState State => context.State;

    /// <returns>How the verify ends; null when it is complete.</returns>
    public async Task<VerifyOutcome?> RunAsync(CancellationToken cancellationToken)
    {
        var (table, stored) = await CountAsync(cancellationToken).ConfigureAwait(false);
        if (!AnyDiffers(table))
        {
            return null;
        }

        if (context.Kit is not null)
        {
            if (!await new DeletedRows(context, local, hasher).RunAsync(cancellationToken).ConfigureAwait(false))
            {
                return VerifyOutcome.NotSynced;
            }

            (table, stored) = await CountAsync(cancellationToken).ConfigureAwait(false);
        }

        var extra = Enumerable.Range(0, BucketTable.Count).Where(State.IsChosen).Sum(bucket => Math.Max(0, table.RowsIn(bucket) - State.Table.RowsIn(bucket)));
        if (!context.Options.Repair)
        {
            State.Counts.Extra = extra;
            return null;
        }

        if (!context.Options.AllowMassDelete && extra > 0 && (extra > context.Settings.MaxDeleteShare * stored || State.Counts.Compared == 0))
        {
            State.Counts.Extra += extra;
            VerifyLog.MassDeleteRefused(context.Log, context.Dataset.Name, extra, stored);
            return VerifyOutcome.MassDeleteRefused;
        }

        return await RemoveAsync(table, cancellationToken).ConfigureAwait(false);
    }

    private async Task<(BucketTable Table, long Stored)> CountAsync(CancellationToken cancellationToken)
    {
        var table = new BucketTable();
        var stored = 0L;
        await foreach (var rows in local.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            foreach (var row in rows)
            {
                if (row is { State: KeptRowState.Stored, Hash: { } hash })
                {
                    stored++;
                    table.Add(hash.Bucket, hash.Key);
                }
            }
        }

        return (table, stored);
    }

    private bool AnyDiffers(BucketTable table) => Enumerable.Range(0, BucketTable.Count).Any(bucket => State.IsChosen(bucket) && table.Differs(State.Table, bucket));

    private async Task<VerifyOutcome?> RemoveAsync(BucketTable table, CancellationToken cancellationToken)
    {
        var certain = new List<ReadOnlyMemory<byte>>();
        var likely = new List<ReadOnlyMemory<byte>>();
        await foreach (var rows in local.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            foreach (var row in rows)
            {
                if (row is not { State: KeptRowState.Stored, Hash: { } hash } || !State.IsChosen(hash.Bucket) || !MayBeExtra(table, hash))
                {
                    continue;
                }

                var isCertain = State.Table.RowsIn(hash.Bucket) == 0;
                (isCertain ? certain : likely).Add(row.Json);
            }

            if (!await RemoveAsync(certain, isCertain: true, KeysOfBatch, cancellationToken).ConfigureAwait(false)
                || !await RemoveAsync(likely, isCertain: false, KeysOfBatch, cancellationToken).ConfigureAwait(false))
            {
                return VerifyOutcome.BudgetReached;
            }
        }

        return await RemoveAsync(certain, isCertain: true, 1, cancellationToken).ConfigureAwait(false) && await RemoveAsync(likely, isCertain: false, 1, cancellationToken).ConfigureAwait(false)
            ? null
            : VerifyOutcome.BudgetReached;
    }

    /// <summary>Where a bucket has one row too many, what its hashes differ by is that row's.</summary>
    private bool MayBeExtra(BucketTable table, RowHash row) => (table.RowsIn(row.Bucket) - State.Table.RowsIn(row.Bucket)) switch
    {
        1 => (table.HashOf(row.Bucket) ^ State.Table.HashOf(row.Bucket)) == row.Key,
        _ => table.Differs(State.Table, row.Bucket),
    };

    /// <summary>Removes those rows of a batch that the server does not show, once there are enough of them.</summary>
    /// <returns>False when the budget is used up.</returns>
    private async Task<bool> RemoveAsync(List<ReadOnlyMemory<byte>> rows, bool isCertain, int atLeast, CancellationToken cancellationToken)
    {
        while (rows.Count >= atLeast)
        {
            if (context.Budget.IsOver)
            {
                return false;
            }

            var batch = rows.GetRange(0, Math.Min(rows.Count, KeysOfBatch));
            rows.RemoveRange(0, batch.Count);
            using var keys = KeyJson.ToPage(_keys, batch);
            var absent = isCertain ? [.. Enumerable.Range(0, keys.Count)] : await AbsentAsync(keys, cancellationToken).ConfigureAwait(false);
            if (absent.Count == 0)
            {
                continue;
            }

            using var gone = KeyJson.ToPage(_keys, [.. absent.Select(row => batch[row])]);
            await context.Lease.RenewIfDueAsync().ConfigureAwait(false);
            State.Counts.Extra += absent.Count;
            State.Counts.Removed += await context.Keeper.RemoveAsync(context.Local, new RowRemoval(context.Dataset, gone, Checkpoint: null), context.Checkpoint).ConfigureAwait(false);
            context.Reporter.Report(State);
            context.Budget.RecordPage();
        }

        return true;
    }

    private async Task<IReadOnlyList<int>> AbsentAsync(Page keys, CancellationToken cancellationToken)
    {
        var (found, absent) = await _server.FindAsync(keys, [.. Enumerable.Range(0, keys.Count)], cancellationToken).ConfigureAwait(false);
        found.ForEach(static page => page.Dispose());
        return absent;
    }
}
