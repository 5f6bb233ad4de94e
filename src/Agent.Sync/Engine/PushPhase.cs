using Agent.Sync.Push.Batches;
using Agent.Sync.Stores;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.Engine;

/// <summary>The push of one run, over all its datasets. Its steps return <see cref="SyncOutcome.Completed"/> when the run continues; else how it ends.</summary>
/// <param name="datasets">The datasets, parents first.</param>
/// <param name="store">Whose changes are sent.</param>
/// <param name="log">Where to record what is sent again.</param>
internal sealed class PushPhase(IReadOnlyList<DatasetRun> datasets, IChangeStore store, ILogger log)
{
    private long Pushed => datasets.Sum(static dataset => dataset.Push.Counts.Pushed);

    private long Merged => datasets.Sum(static dataset => dataset.Push.Counts.Merged);

    private IEnumerable<DatasetRun> Refused => datasets.Where(static dataset => dataset.Push.WantsAnotherTry);

    /// <summary>Sends everything that waits. However it ends, no change that was answered with a refusal is left in flight by it.</summary>
    public async Task<SyncOutcome> RunAsync(CancellationToken cancellationToken)
    {
        var isComplete = false;
        try
        {
            var outcome = await SendEverythingAsync(cancellationToken).ConfigureAwait(false);
            isComplete = outcome == SyncOutcome.Completed;
            return outcome;
        }
        finally
        {
            if (!isComplete)
            {
                await ReturnRefusedAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task<SyncOutcome> SendEverythingAsync(CancellationToken cancellationToken)
    {
        var outcome = await SendAsync(datasets, cancellationToken).ConfigureAwait(false);
        if (outcome == SyncOutcome.Completed)
        {
            outcome = await SendBehindAsync(cancellationToken).ConfigureAwait(false);
        }

        if (outcome == SyncOutcome.Completed)
        {
            outcome = await SendRefusedAsync(cancellationToken).ConfigureAwait(false);
        }

        if (outcome == SyncOutcome.Completed)
        {
            outcome = await SendHalvesAsync(cancellationToken).ConfigureAwait(false);
        }

        return outcome == SyncOutcome.Completed ? await EndAsync(cancellationToken).ConfigureAwait(false) : outcome;
    }

    /// <summary>Sends inserts and updates parents first, deletes in the reverse order.</summary>
    private async Task<SyncOutcome> SendAsync(IReadOnlyCollection<DatasetRun> some, CancellationToken cancellationToken)
    {
        var outcome = await SendAsync(some, ChangePart.Writes, cancellationToken).ConfigureAwait(false);
        if (outcome != SyncOutcome.Completed)
        {
            return outcome;
        }

        var merged = Merged;
        outcome = await SendAsync(some.Reverse(), ChangePart.Deletes, cancellationToken).ConfigureAwait(false);

        // A delete that a resolver turned into a row is a write now.
        return outcome == SyncOutcome.Completed && Merged != merged
            ? await SendAsync(some, ChangePart.Writes, cancellationToken).ConfigureAwait(false)
            : outcome;
    }

    private async Task<SyncOutcome> SendAsync(IEnumerable<DatasetRun> some, ChangePart part, CancellationToken cancellationToken)
    {
        foreach (var dataset in some)
        {
            // A dataset without edits costs one look into the outbox: no lease, no request.
            if (await store.CountChangesAsync(dataset.Dataset, cancellationToken).ConfigureAwait(false) == default)
            {
                continue;
            }

            var outcome = await dataset.PushAsync(store, part, cancellationToken).ConfigureAwait(false);
            if (outcome != SyncOutcome.Completed)
            {
                return outcome;
            }
        }

        return SyncOutcome.Completed;
    }

    /// <summary>
    /// Sends the edits behind changes that an earlier run left in flight. They could not be taken before those were settled: by then the walk was past them,
    /// or they belonged to the part that had been sent already.
    /// </summary>
    private async Task<SyncOutcome> SendBehindAsync(CancellationToken cancellationToken) =>
        datasets.Where(static dataset => dataset.Push.LeftInFlight is { Count: > 0 }).ToList() is { Count: > 0 } behind
            ? await SendAsync(behind, cancellationToken).ConfigureAwait(false)
            : SyncOutcome.Completed;

    /// <summary>
    /// Sends again what was refused for another row: one that is missing, or that has the change's value. That row may be a later dataset's and may itself
    /// have waited for another, so this goes on as long as anything is applied.
    /// </summary>
    private async Task<SyncOutcome> SendRefusedAsync(CancellationToken cancellationToken)
    {
        for (var pushed = -1L; Pushed > pushed && Refused.ToList() is { Count: > 0 } refused;)
        {
            pushed = Pushed;
            foreach (var dataset in refused)
            {
                PushLog.Deferred(log, dataset.Dataset.Name, dataset.Push.Deferred.Count + dataset.Push.Undecided.Count);

                // A chain of values that each move on to the next row is done in one walk from its other end.
                dataset.Push.IsBackwards = !dataset.Push.IsBackwards;
            }

            var outcome = await SendAsync(refused, cancellationToken).ConfigureAwait(false);
            if (outcome != SyncOutcome.Completed)
            {
                return outcome;
            }
        }

        return SyncOutcome.Completed;
    }

    /// <summary>Sends new rows that wait for each other without their references, which follow.</summary>
    private async Task<SyncOutcome> SendHalvesAsync(CancellationToken cancellationToken)
    {
        if (!datasets.Any(static dataset => dataset.Push.Deferred.Count > 0))
        {
            return SyncOutcome.Completed;
        }

        var awaited = datasets.SelectMany(static dataset => dataset.Push.Deferred.Values).Select(static held => held.Key).OfType<string>().ToHashSet(StringComparer.Ordinal);
        if (awaited.Count < 2)
        {
            return SyncOutcome.Completed;
        }

        var waiting = datasets.Where(static dataset => dataset.Push.Deferred.Values.Any(static held => held.Key is not null)).ToList();
        waiting.ForEach(dataset => dataset.Push.Awaited = awaited);
        var before = waiting.Sum(static dataset => dataset.Push.HalvesSent);
        var outcome = await SendAsync(waiting, ChangePart.Writes, cancellationToken).ConfigureAwait(false);
        foreach (var dataset in waiting)
        {
            dataset.Push.Awaited = null;
            dataset.Push.Halves.Clear();
        }

        return outcome == SyncOutcome.Completed && waiting.Sum(static dataset => dataset.Push.HalvesSent) != before
            ? await SendRefusedAsync(cancellationToken).ConfigureAwait(false)
            : outcome;
    }

    private async Task ReturnRefusedAsync()
    {
        foreach (var dataset in datasets)
        {
            await dataset.ReturnRefusedAsync(store).ConfigureAwait(false);
        }
    }

    private async Task<SyncOutcome> EndAsync(CancellationToken cancellationToken)
    {
        foreach (var dataset in datasets.Where(static dataset => dataset.Push.HoldsRefusals))
        {
            var outcome = await dataset.EndPushAsync(store, cancellationToken).ConfigureAwait(false);
            if (outcome != SyncOutcome.Completed)
            {
                return outcome;
            }
        }

        return SyncOutcome.Completed;
    }
}
