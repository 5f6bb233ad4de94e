using System.Runtime.ExceptionServices;
using Agent.Sync.Seams;

namespace Agent.Sync.Pull;

/// <summary>Gathers pages up to the commit policy, so that the store's lock is never held while waiting for the network.</summary>
internal sealed class PageGatherer(IAsyncEnumerator<PulledPage> pages, IPullPass pass, CommitOptions policy, EngineSeams seams)
{
    private Task<bool>? _pending;

    /// <summary>Never throws: what went wrong comes with the pages that were good.</summary>
    public async Task<PageGroup> GatherAsync()
    {
        var group = new PageGroup();
        try
        {
            await FillAsync(group).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // It is thrown again once the pages before it are applied.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            group.Failure = ExceptionDispatchInfo.Capture(exception);
        }

        return group;
    }

    /// <summary>Waits for a page that is not needed any more, so that the enumerator may be disposed.</summary>
    public async Task EndAsync()
    {
        try
        {
            if (_pending is not null && await _pending.ConfigureAwait(false))
            {
                pages.Current.Page.Dispose();
            }
        }
        catch (Exception exception) when (exception is SyncException or OperationCanceledException)
        {
            // The pass ended before this page; what happened to it changes nothing.
        }
    }

    private async Task FillAsync(PageGroup group)
    {
        using var deadline = new GroupDeadline(seams.Time, policy.Interval);
        while (group.Rows < policy.Rows && group.Bytes < policy.Bytes)
        {
            _pending ??= pages.MoveNextAsync().AsTask();
            if (deadline.Reached is { } reached
                && (reached.IsCompleted || await Task.WhenAny(_pending, reached).ConfigureAwait(false) != _pending))
            {
                // The next page belongs to the next group: what this group holds is applied meanwhile.
                return;
            }

            if (await NextAsync().ConfigureAwait(false) is { } page)
            {
                Add(group, page);
            }
            else
            {
                group.EndsPass = true;
            }

            if (group.EndsPass || policy.Interval == TimeSpan.Zero)
            {
                return;
            }

            deadline.Start();
        }
    }

    /// <summary>A page that the pass refuses is not part of the group: its rows must not be applied.</summary>
    private void Add(PageGroup group, PulledPage page)
    {
        try
        {
            group.EndsPass = pass.EndsAfter(page);
        }
        catch
        {
            page.Page.Dispose();
            throw;
        }

        group.Add(page);
    }

    private async Task<PulledPage?> NextAsync()
    {
        var pending = _pending!;
        _pending = null;
        return await pending.ConfigureAwait(false) ? pages.Current : null;
    }
}
