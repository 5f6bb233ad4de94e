using Agent.Sync.Stores;

namespace Agent.Sync.Pull;

/// <summary>Looks at what a delta would remove before anything of it is removed: a policy or a bad statement on the server must not empty a device without a word.</summary>
/// <remarks>
/// Costs nothing where the pass has few rows, or fewer than may be removed anyway. Only else are the pages read once more than needed, and compared with the local rows.
/// </remarks>
internal sealed class DeleteGuard(PullContext context, IPullPass pass, Func<PageFetcher> newFetcher)
{
    /// <summary>As many rows may always be removed: in a small table a large share is an ordinary day's work.</summary>
    public const int AlwaysAllowed = 1_000;

    private const int RowsOfPreview = 5_000;

    private long _allowed;
    private long _rows;
    private long _removed;
    private long? _total;

    /// <summary>Returns the guard of a pass; null where nothing is to be guarded.</summary>
    public static DeleteGuard? For(PullContext context, IPullPass pass, Func<PageFetcher> newFetcher) =>
        pass.MayRemove && !context.Run.Request.AllowMassDelete && context.Run.Options.MaxDeleteShare < 1 ? new DeleteGuard(context, pass, newFetcher) : null;

    /// <summary>Returns how many of a table's rows a delta may remove.</summary>
    public static long LimitOf(SyncOptions options, long localRows) => Math.Max(AlwaysAllowed, (long)(options.MaxDeleteShare * localRows));

    /// <summary>Tells whether a group may be applied.</summary>
    /// <returns><see cref="SyncOutcome.Completed"/> when it may; else how the pass ends.</returns>
    public async ValueTask<SyncOutcome> CheckAsync(PageGroup group, CancellationToken cancellationToken)
    {
        _rows += group.Rows;
        _total ??= group.Pages.Count > 0 ? group.Pages[0].Total : null;
        if (_rows <= _allowed)
        {
            return SyncOutcome.Completed;
        }

        // A total that was passed was an estimate that was wrong.
        var expected = group.EndsPass ? _rows : _total >= _rows ? _total.Value : long.MaxValue;
        if (expected <= AlwaysAllowed)
        {
            _allowed = expected;
            return SyncOutcome.Completed;
        }

        if (await PreviewAsync([], cancellationToken).ConfigureAwait(false) is not { } before)
        {
            // A store that cannot tell is not guarded.
            _allowed = long.MaxValue;
            return SyncOutcome.Completed;
        }

        var limit = LimitOf(context.Run.Options, before.LocalRows);
        if (expected <= limit)
        {
            _allowed = expected;
            return SyncOutcome.Completed;
        }

        var would = _removed + await CountAsync(group, limit - _removed, cancellationToken).ConfigureAwait(false);
        if (would > limit)
        {
            PullLog.DeletesRefused(context.Run.Log, context.Dataset.Name, limit, before.LocalRows);
            return SyncOutcome.MassDeleteRefused;
        }

        _allowed = context.Run.TimeOver.IsCancellationRequested ? 0 : long.MaxValue;
        return _allowed > 0 ? SyncOutcome.Completed : SyncOutcome.TimeBudgetReached;
    }

    /// <summary>Records what a group has removed.</summary>
    public void Record(ApplyResult result) => _removed += result.Deleted;

    /// <summary>Counts what the pass would remove, up to a limit.</summary>
    private async Task<long> CountAsync(PageGroup group, long limit, CancellationToken cancellationToken)
    {
        if (group.EndsPass)
        {
            return await CountAsync([.. group.Pages.Select(static page => page.Page)], cancellationToken).ConfigureAwait(false);
        }

        var removed = 0L;
        List<Page> pages = [];
        var rows = 0;
        try
        {
            await foreach (var page in new CursorPager(newFetcher(), pass.Content).ReadAsync(pass.Start, TotalCount.None, cancellationToken).ConfigureAwait(false))
            {
                pages.Add(page.Page);
                rows += page.Page.Count;
                var isEnd = page.Last is null || context.Run.TimeOver.IsCancellationRequested;
                if (!isEnd && rows < RowsOfPreview)
                {
                    continue;
                }

                removed += await CountAsync(pages, cancellationToken).ConfigureAwait(false);
                pages.ForEach(static read => read.Dispose());
                (pages, rows) = ([], 0);
                if (isEnd || removed > limit)
                {
                    break;
                }
            }
        }
        finally
        {
            pages.ForEach(static read => read.Dispose());
        }

        return removed;
    }

    private async ValueTask<long> CountAsync(IReadOnlyList<Page> pages, CancellationToken cancellationToken) =>
        (await PreviewAsync([.. pages.Where(static page => page.Count > 0)], cancellationToken).ConfigureAwait(false))?.Result.Deleted ?? 0;

    private ValueTask<ApplyPreview?> PreviewAsync(IReadOnlyList<Page> pages, CancellationToken cancellationToken) => context.Local.PreviewAsync(
        new ApplyBatch(pass.Dataset, pages, Checkpoint: null, Generation: null) { AreTombstones = pass.Content == PageContent.Tombstones }, cancellationToken);
}
