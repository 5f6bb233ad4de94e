using Agent.Sync.Push.Batches;
using Agent.Sync.Push.Settling;
using Agent.Sync.Stores;

namespace Agent.Sync.Push;

/// <summary>Pushes one dataset's changes: its writes when it is its turn, its deletes when the datasets that refer to it are done.</summary>
internal sealed class DatasetPush(PushContext context)
{
    /// <summary>A change that conflicts again and again has a busy row; it waits for the next run.</summary>
    private const int MaxRounds = 5;

    private readonly BatchLimit _batch = new(context.Options.Push.BatchRows);
    private readonly InFlightLimit _inFlight = new(context.Options.Push.MaxRequests);

    /// <summary>Sends one part of the changes that wait.</summary>
    /// <returns><see cref="SyncOutcome.Completed"/>, <see cref="SyncOutcome.QuarantineFull"/> or <see cref="SyncOutcome.TimeBudgetReached"/>.</returns>
    /// <exception cref="SyncException">A failure that is not about a row. What was answered before is settled; what may or may not have reached the server stays in flight for the next run.</exception>
    public async Task<SyncOutcome> RunAsync(ChangePart part, CancellationToken cancellationToken)
    {
        var waiting = await context.Store.CountChangesAsync(context.Dataset, cancellationToken).ConfigureAwait(false);
        if (waiting.Waiting == 0 || context.SoFar.Refusals.IsHopeless)
        {
            return SyncOutcome.Completed;
        }

        var quarantine = context.SoFar.Quarantine ??= new QuarantineGuard(context.Options.Push, waiting.Quarantined);
        Begin(waiting.Waiting);
        var stop = new PushStop(quarantine, context.SoFar.Refusals, context.TimeOver);
        var size = new UnitSize(context.Dataset, context.Options.Push, context.Kit is not null, context.KnowsStamps);
        var sender = new ChangeSender(context, size, _batch, stop);
        var settler = new Settler(context, quarantine);
        await settler.BeginAsync(cancellationToken).ConfigureAwait(false);
        for (var round = 1; ; round++)
        {
            settler.BeginRound();
            var walk = new PushRound(context, size, sender, settler, _batch, _inFlight, stop, part);
            await walk.RunAsync(waiting.Waiting, cancellationToken).ConfigureAwait(false);
            if (quarantine.IsFull)
            {
                return Full(quarantine);
            }

            if (context.SoFar.Refusals.IsHopeless)
            {
                // The other datasets are not to wait for it.
                return SyncOutcome.Completed;
            }

            var again = settler.Rebased > 0 && round < MaxRounds;
            if (stop.IsTimeOver || !again)
            {
                return walk.IsComplete && !again ? SyncOutcome.Completed : SyncOutcome.TimeBudgetReached;
            }

            PushLog.NextRound(context.Log, context.Dataset.Name, settler.Rebased);
            waiting = await context.Store.CountChangesAsync(context.Dataset, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Settles at the end of the whole push what was refused and is not decided yet.</summary>
    /// <returns><see cref="SyncOutcome.Completed"/> or <see cref="SyncOutcome.QuarantineFull"/>.</returns>
    public async Task<SyncOutcome> EndAsync()
    {
        var quarantine = context.SoFar.Quarantine!;
        var settler = new Settler(context, quarantine);
        var isLeft = await settler.RejectDeferredAsync().ConfigureAwait(false);
        if (await settler.DecideAsync().ConfigureAwait(false) is { } code)
        {
            PushLog.NobodysFault(context.Log, context.Dataset.Name, code);
            context.SoFar.Failure ??= PushFailure.NobodysFault(context.Dataset, code);
        }

        context.SoFar.Failure ??= context.SoFar.Refusals.Unanswered;
        return isLeft || quarantine.IsFull ? Full(quarantine) : SyncOutcome.Completed;
    }

    private SyncOutcome Full(QuarantineGuard quarantine)
    {
        PushLog.QuarantineFull(context.Log, context.Dataset.Name, quarantine.Rejected, quarantine.Quarantined);
        return SyncOutcome.QuarantineFull;
    }

    private void Begin(long waiting)
    {
        PushLog.Starts(context.Log, context.Dataset.Name, waiting);
        context.Progress.Begin(context.Dataset.Name, context.SoFar.Counts.Settled, context.SoFar.Fraction);
        context.Progress.Expect(waiting);
        context.Progress.Report(SyncPhase.Push, pages: 0, context.Tally.Bytes, context.Tally.Retries, context.Memory.Current);
    }
}
