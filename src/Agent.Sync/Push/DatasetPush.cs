using Agent.Sync.Push.Batches;
using Agent.Sync.Push.Kit;
using Agent.Sync.Push.Settling;
using Agent.Sync.Stores;

namespace Agent.Sync.Push;

/// <summary>Pushes one dataset's changes: its writes when it is its turn, its deletes when the datasets that refer to it are done.</summary>
internal sealed class DatasetPush(PushContext context)
{
    /// <summary>A change that conflicts again and again has a busy row; it waits for the next run.</summary>
    private const int MaxRounds = 5;

    private readonly BatchRowLimit _rowLimit = new(context.Run.Options.Push.BatchRows);
    private readonly InFlightLimit _inFlight = new(context.Run.Options.Push.MaxRequests);

    private PushState State => context.State;

    /// <summary>Sends one part of the changes that wait.</summary>
    /// <returns><see cref="SyncOutcome.Completed"/>, <see cref="SyncOutcome.QuarantineFull"/> or <see cref="SyncOutcome.TimeBudgetReached"/>.</returns>
    /// <exception cref="SyncException">A failure that is not about a row. What was answered before is settled; what may or may not have reached the server stays in flight for the next run.</exception>
    public async Task<SyncOutcome> RunAsync(ChangePart part, CancellationToken cancellationToken)
    {
        var waiting = await context.Store.CountChangesAsync(context.Dataset, cancellationToken).ConfigureAwait(false);
        if (waiting.Waiting == 0 || State.Refusals.IsHopeless)
        {
            return SyncOutcome.Completed;
        }

        Begin(waiting);
        var bounds = new BatchBounds(context, context.UsesKit ? KitBody.HeaderLength(context.Dataset) : 0);
        var sender = new ChangeSender(context, bounds, _rowLimit);
        var settler = new Settler(context);
        await settler.BeginAsync(cancellationToken).ConfigureAwait(false);
        for (var round = 1; ; round++)
        {
            settler.BeginRound();
            var walk = new PushRound(context, bounds, sender, settler, _rowLimit, _inFlight, part);
            await walk.RunAsync(waiting.Waiting, cancellationToken).ConfigureAwait(false);
            if (State.Quarantine.IsFull)
            {
                return Full();
            }

            if (State.Refusals.IsHopeless)
            {
                // It does not hold up the other datasets.
                return SyncOutcome.Completed;
            }

            var again = settler.Rebased > 0 && round < MaxRounds;
            if (context.Run.TimeOver.IsCancellationRequested || !again)
            {
                return walk.IsComplete && !again ? SyncOutcome.Completed : SyncOutcome.TimeBudgetReached;
            }

            PushLog.NextRound(context.Run.Log, context.Dataset.Name, settler.Rebased);
            waiting = await context.Store.CountChangesAsync(context.Dataset, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Settles at the end of the whole push what was refused and is not decided yet.</summary>
    /// <returns><see cref="SyncOutcome.Completed"/> or <see cref="SyncOutcome.QuarantineFull"/>.</returns>
    public async Task<SyncOutcome> EndAsync()
    {
        var refusals = new RefusalSettler(context, new SettlementWriter(context));
        var isLeft = await refusals.RejectDeferredAsync().ConfigureAwait(false);
        if (await refusals.DecideAsync().ConfigureAwait(false) is { } code)
        {
            PushLog.NobodysFault(context.Run.Log, context.Dataset.Name, code);
            State.Failure ??= PushFailure.NobodysFault(context.Dataset, code);
        }

        State.Failure ??= State.Refusals.Unanswered;
        return isLeft || State.Quarantine.IsFull ? Full() : SyncOutcome.Completed;
    }

    private SyncOutcome Full()
    {
        PushLog.QuarantineFull(context.Run.Log, context.Dataset.Name, State.Quarantine.Rejected, State.Quarantine.Quarantined);
        return SyncOutcome.QuarantineFull;
    }

    private void Begin(ChangeCounts changes)
    {
        State.Quarantine.StartFrom(changes.Quarantined);
        PushLog.Starts(context.Run.Log, context.Dataset.Name, changes.Waiting);
        var progress = context.Run.Progress;
        progress.Begin(context.Dataset.Name, State.Counts.Settled, State.Fraction);
        progress.Expect(changes.Waiting);
        progress.Report(SyncPhase.Push, pages: 0, context.Tally.Bytes, context.Tally.Retries, context.Run.Memory.Current);
    }
}
