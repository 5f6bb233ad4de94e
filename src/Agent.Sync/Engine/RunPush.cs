using Agent.Sync.Push;
using Agent.Sync.Push.Batches;
using Agent.Sync.Stores;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.Engine;

/// <summary>The way up of one run, over all its datasets.</summary>
/// <param name="turns">The datasets, parents first.</param>
/// <param name="store">Whose changes are sent.</param>
/// <param name="open">Opens a dataset for a piece of its push, and tells whether the run goes on.</param>
/// <param name="log">Where to say what is sent again.</param>
internal sealed class RunPush(DatasetTurn[] turns, IChangeStore store, Func<DatasetTurn, Func<DatasetPush, Task<SyncOutcome>>, Task<bool>> open, ILogger log)
{
    private long Pushed => turns.Sum(static turn => turn.Push.Counts.Pushed);

    private long Merged => turns.Sum(static turn => turn.Push.Counts.Merged);

    private IEnumerable<DatasetTurn> Refused => turns.Where(static turn => turn.Push.WantsAnotherTry);

    /// <summary>Sends everything that waits.</summary>
    /// <returns>Whether the run goes on.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken) =>
        await SendAsync(turns, cancellationToken).ConfigureAwait(false)
        && await SendBehindAsync(cancellationToken).ConfigureAwait(false)
        && await SendRefusedAsync(cancellationToken).ConfigureAwait(false)
        && await SendHalvesAsync(cancellationToken).ConfigureAwait(false)
        && await EndAsync().ConfigureAwait(false);

    /// <summary>
    /// An edit behind a change that an earlier run left in flight could not be taken before that was settled: the walk had passed it by then, or it was of
    /// the part that had been sent already.
    /// </summary>
    private async Task<bool> SendBehindAsync(CancellationToken cancellationToken) =>
        turns.Where(static turn => turn.Push.LeftInFlight is { Count: > 0 }).ToList() is not { Count: > 0 } behind
        || await SendAsync(behind, cancellationToken).ConfigureAwait(false);

    /// <summary>Inserts and updates go parents first, deletes the other way round.</summary>
    private async Task<bool> SendAsync(IReadOnlyCollection<DatasetTurn> some, CancellationToken cancellationToken)
    {
        var goesOn = await SendAsync(some, ChangePart.Writes, cancellationToken).ConfigureAwait(false);
        var merged = Merged;
        goesOn = goesOn && await SendAsync(some.Reverse(), ChangePart.Deletes, cancellationToken).ConfigureAwait(false);

        // A delete that a resolver turned into a row is a write now.
        return goesOn && (Merged == merged || await SendAsync(some, ChangePart.Writes, cancellationToken).ConfigureAwait(false));
    }

    private async Task<bool> SendAsync(IEnumerable<DatasetTurn> some, ChangePart part, CancellationToken cancellationToken)
    {
        foreach (var turn in some)
        {
            // A dataset without edits costs one look into the outbox: no lease, no request.
            var counts = await store.CountChangesAsync(turn.Dataset, cancellationToken).ConfigureAwait(false);
            if (counts != default && !await open(turn, push => push.RunAsync(part, cancellationToken)).ConfigureAwait(false))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The row that a change misses, or that has its value, may be a later dataset's, and itself have missed another: so again, as long as anything arrives.</summary>
    private async Task<bool> SendRefusedAsync(CancellationToken cancellationToken)
    {
        for (var pushed = -1L; Pushed > pushed && Refused.ToList() is { Count: > 0 } refused;)
        {
            pushed = Pushed;
            foreach (var turn in refused)
            {
                PushLog.Deferred(log, turn.Dataset.Name, turn.Push.Deferred.Count + turn.Push.Undecided.Count);

                // A chain of values that move on, each to the next row, is done in one pass from its other end.
                turn.Push.IsBackwards = !turn.Push.IsBackwards;
            }

            if (!await SendAsync(refused, cancellationToken).ConfigureAwait(false))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>New rows that wait for each other go up without their references, which follow.</summary>
    private async Task<bool> SendHalvesAsync(CancellationToken cancellationToken)
    {
        var awaited = turns.SelectMany(static turn => turn.Push.Deferred.Values).Select(static held => held.Key).OfType<string>().ToHashSet(StringComparer.Ordinal);
        if (awaited.Count < 2)
        {
            return true;
        }

        var waiting = turns.Where(static turn => turn.Push.Deferred.Values.Any(static held => held.Key is not null)).ToList();
        waiting.ForEach(turn => turn.Push.Awaited = awaited);
        var before = waiting.Sum(static turn => turn.Push.HalvesSent);
        var goesOn = await SendAsync(waiting, ChangePart.Writes, cancellationToken).ConfigureAwait(false);
        foreach (var turn in waiting)
        {
            turn.Push.Awaited = null;
            turn.Push.Halves.Clear();
        }

        return goesOn && (waiting.Sum(static turn => turn.Push.HalvesSent) == before || await SendRefusedAsync(cancellationToken).ConfigureAwait(false));
    }

    private async Task<bool> EndAsync()
    {
        foreach (var turn in turns.Where(static turn => turn.Push.HoldsRefusals))
        {
            if (!await open(turn, static push => push.EndAsync()).ConfigureAwait(false))
            {
                return false;
            }
        }

        return true;
    }
}
