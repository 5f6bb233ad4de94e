using System.Runtime.ExceptionServices;
using Agent.Sync.Postgrest;
using Agent.Sync.Push.Batches;
using Agent.Sync.Push.Rows;
using Agent.Sync.Stores;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.Push.Settling;

/// <summary>Writes down what became of changes, one unit in one transaction. Called by one caller at a time.</summary>
internal sealed class Settler(PushContext context, QuarantineGuard quarantine)
{
    private readonly ConflictResolution _conflicts = new(context);
    private readonly StampCheck _stamps = new(context);

    // One list for all units: the store reads it only while it settles.
    private readonly List<Settlement> _settlements = [];
    private readonly HashSet<long> _mayHaveArrived = [];

    /// <summary>Gets how many conflicts of this round left a change to be sent again.</summary>
    public long Rebased { get; private set; }

    /// <summary>Learns which changes an earlier run left in flight: they may be on the server, so they are never given back to be merged with later edits.</summary>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        var left = await context.Store.ListChangesAsync(context.Dataset, ChangeState.InFlight, after: 0, int.MaxValue, cancellationToken).ConfigureAwait(false);
        _mayHaveArrived.UnionWith(left.Select(static change => change.Id));
        context.SoFar.LeftInFlight ??= [.. _mayHaveArrived];
    }

    public void BeginRound() => Rebased = 0;

    /// <summary>Settles what a unit brought.</summary>
    /// <returns>What the app's resolver failed with: everything else is settled then, and its change stays in flight. Else what the rows tell of a table that does not move their stamps.</returns>
    /// <exception cref="SyncStoreException">The store failed; nothing of the unit is settled.</exception>
    public async Task<ExceptionDispatchInfo?> SettleAsync(UnitResult result, CancellationToken cancellationToken)
    {
        ExceptionDispatchInfo? failure = null;
        SyncException? stamps = null;
        var settlements = Empty();
        var conflicts = 0;
        for (var i = 0; i < result.Verdicts.Length; i++)
        {
            var verdict = result.Verdicts.Span[i];
            var change = result.Unit.Changes.Span[verdict.Index];
            context.SoFar.Deferred.Remove(change.Id, out var putOff);
            context.SoFar.Undecided.Remove(change.Id, out var earlier);
            if (context.SoFar.Halves.Remove(change.Id, out var whole))
            {
                AddHalf(settlements, change, verdict, whole, putOff);
                continue;
            }

            stamps ??= await _stamps.FindAsync(change, verdict, result).ConfigureAwait(false);
            if (Revival.IsNeeded(change, verdict))
            {
                settlements.Add(_conflicts.Revive(change, verdict, result));
                continue;
            }

            if (verdict.Kind == VerdictKind.Conflict && IsHalfThere(change, verdict))
            {
                settlements.Add(new Settlement(change.Id, change.OperationId, SettlementKind.KeepLocal, verdict.Server, verdict.ServerRow));
                continue;
            }

            if (KeyTaken.IsMet(context.Dataset, change, verdict, context.Options.Push.ConflictPolicy))
            {
                quarantine.CountRejected();
                settlements.Add(KeyTaken.Settle(change, verdict));
                continue;
            }

            if (verdict.Kind != VerdictKind.Conflict)
            {
                AddPlain(settlements, change, verdict, earlier.Times);
                continue;
            }

            try
            {
                if (failure is null)
                {
                    settlements.Add(await _conflicts.ResolveAsync(change, verdict, result, cancellationToken).ConfigureAwait(false));
                    conflicts++;
                }
            }
#pragma warning disable CA1031 // It ends the run, once the answers that came with it are settled.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        }

        DecideRows(settlements);
        await WriteAsync(settlements, conflicts).ConfigureAwait(false);
        return failure ?? (stamps is null ? null : ExceptionDispatchInfo.Capture(stamps));
    }

    /// <summary>Gives back changes that were taken and not sent.</summary>
    public Task ReturnAsync(ReadOnlyMemory<PendingChange> changes)
    {
        var settlements = Empty();
        foreach (ref readonly var change in changes.Span)
        {
            AddReturn(settlements, change);
        }

        return WriteAsync(settlements, conflicts: 0);
    }

    /// <summary>Rejects the changes that were put off, by the answers they had, until there are too many.</summary>
    /// <returns>Whether any were left to wait.</returns>
    public async Task<bool> RejectDeferredAsync()
    {
        var settlements = Empty();
        var (isLeft, isFull) = (false, false);
        foreach (var (_, held) in context.SoFar.Deferred)
        {
            // As many as one answer may reject, before anybody asks whether that is too many.
            isFull |= settlements.Count % context.Options.Push.BatchRows == 0 && quarantine.IsFull;
            if (held.IsRows && !isFull)
            {
                // Whoever got as far as a constraint was not refused as everybody is.
                context.SoFar.Refusals.SeeWitness();
                Reject(settlements, held);
            }
            else
            {
                Return(settlements, held);
                isLeft = true;
            }
        }

        context.SoFar.Deferred.Clear();
        await WriteAsync(settlements, conflicts: 0).ConfigureAwait(false);
        return isLeft;
    }

    /// <summary>Settles the changes whose refusal may be anybody's: with a witness it is the row's; without one the changes wait, and may be edited and discarded.</summary>
    /// <returns>The code of what is nobody's fault; null when nothing is left.</returns>
    public async Task<string?> DecideAsync()
    {
        var settlements = Empty();
        DecideRows(settlements);
        var left = context.SoFar.Undecided.Values;

        // Of a single change nobody can say what others would get. Codes that are raised for a row's content are taken by their word.
        if (left.Count == 1 && left.First() is { IsRows: true, Stays: true, Rejection.Code: { } code } && ErrorClassifier.IsAboutContent(code) && !context.SoFar.Refusals.IsHopeless)
        {
            Reject(settlements, left.First());
            context.SoFar.Undecided.Clear();
        }

        var reason = left.Select(static held => held.Rejection.Code).FirstOrDefault() ?? (context.SoFar.Refusals.IsHopeless ? context.SoFar.Refusals.Code : null);
        foreach (var held in left)
        {
            Return(settlements, held);
        }

        context.SoFar.Undecided.Clear();
        await WriteAsync(settlements, conflicts: 0).ConfigureAwait(false);
        return reason;
    }

    /// <summary>Rejects what is known now to be a row's.</summary>
    private void DecideRows(List<Settlement> settlements)
    {
        if (!context.SoFar.Refusals.HasWitness)
        {
            return;
        }

        foreach (var (change, held) in context.SoFar.Undecided.Where(static entry => entry.Value is { IsRows: true, Stays: true }).ToList())
        {
            Reject(settlements, held);
            context.SoFar.Undecided.Remove(change);
        }
    }

    /// <summary>Lets a change wait again. One that an earlier run left in flight stays so: merged with a later edit it would meet itself on the server, as another's row.</summary>
    private void Return(List<Settlement> settlements, in HeldRefusal held)
    {
        if (context.SoFar.LeftInFlight?.Contains(held.Rejection.Change) != true)
        {
            settlements.Add(held.Rejection with { Kind = SettlementKind.Return });
        }
    }

    private void Reject(List<Settlement> settlements, in HeldRefusal held)
    {
        quarantine.CountRejected();
        settlements.Add(held.Rejection);
    }

    private List<Settlement> Empty()
    {
        _settlements.Clear();
        return _settlements;
    }

    private void AddPlain(List<Settlement> settlements, in PendingChange change, in Verdict verdict, int refused)
    {
        switch (verdict.Kind)
        {
            case VerdictKind.Applied:
                settlements.Add(new Settlement(change.Id, change.OperationId, SettlementKind.Acknowledge, verdict.Server, verdict.ServerRow));
                break;
            case VerdictKind.Returned:
                AddReturn(settlements, change);
                break;
            case VerdictKind.Deferred:
                // It stays in flight, and is taken as it is when everything else has gone up.
                _mayHaveArrived.Add(change.Id);
                context.SoFar.Deferred.Add(change.Id, new HeldRefusal(Rejection(change, verdict), verdict.IsAlone, Key: KeyOfWaiting(change, verdict)));
                break;
            case VerdictKind.Undecided:
                // It stays in flight until it is known whether others go through.
                _mayHaveArrived.Add(change.Id);
                context.SoFar.Undecided.Add(change.Id, new HeldRefusal(Rejection(change, verdict), ErrorClassifier.MayBeRows(verdict.Code), refused + 1));
                break;
            default:
                settlements.Add(Rejection(change, verdict));
                break;
        }
    }

    /// <summary>Settles the first half of a new row: the rest waits as an update of it. Where it did not go up, everything is as before.</summary>
    private void AddHalf(List<Settlement> settlements, in PendingChange change, in Verdict verdict, Guid whole, in HeldRefusal putOff)
    {
        if (verdict is { Kind: VerdictKind.Applied, Server: not null })
        {
            context.SoFar.HalvesSent++;
            settlements.Add(new Settlement(change.Id, whole, SettlementKind.KeepLocal, verdict.Server, verdict.ServerRow));
        }
        else
        {
            context.SoFar.Deferred.Add(change.Id, putOff);
        }
    }

    /// <summary>Tells whether an insert of an earlier run, which ended before it knew, has met its own first half: the server's row lacks values and has no others.</summary>
    private bool IsHalfThere(in PendingChange change, in Verdict verdict) =>
        change.Kind == ChangeKind.Insert && verdict.Server is not null && context.SoFar.LeftInFlight?.Contains(change.Id) == true
        && SentValues.AreInOrMissing(change.Row.Span, verdict.Server, verdict.ServerRow);

    private static Settlement Rejection(in PendingChange change, in Verdict verdict) =>
        new(change.Id, change.OperationId, SettlementKind.Reject) { Code = verdict.Code, Constraint = verdict.Constraint };

    private static string? KeyOfWaiting(in PendingChange change, in Verdict verdict) =>
        change.Kind == ChangeKind.Insert && verdict.Code == "23503" ? HalfInsert.KeyOf(change) : null;

    private void AddReturn(List<Settlement> settlements, in PendingChange change)
    {
        if (!_mayHaveArrived.Contains(change.Id))
        {
            settlements.Add(new Settlement(change.Id, change.OperationId, SettlementKind.Return));
        }
    }

    private async Task WriteAsync(List<Settlement> settlements, int conflicts)
    {
        if (settlements.Count == 0)
        {
            return;
        }

        var started = context.Seams.Time.GetTimestamp();
        await context.Lease.RenewIfDueAsync().ConfigureAwait(false);

        // An answer in hand is written down whole, also when the run is cancelled meanwhile.
        var batch = new SettlementBatch(context.Dataset, settlements, context.Seams.Time.GetUtcNow(), context.HeldLease);
        await context.Store.SettleAsync(batch, CancellationToken.None).ConfigureAwait(false);
        Tell(settlements, conflicts, started);
    }

    private void Tell(List<Settlement> settlements, int conflicts, long started)
    {
        var kinds = settlements.CountBy(static settlement => settlement.Kind).ToDictionary();
        long Count(SettlementKind kind) => kinds.GetValueOrDefault(kind);
        var (applied, rejected, returned) = (Count(SettlementKind.Acknowledge), Count(SettlementKind.Reject), Count(SettlementKind.Return));
        var rebased = Count(SettlementKind.KeepLocal) + Count(SettlementKind.TakeMerged);
        Rebased += rebased;
        var counts = context.SoFar.Counts;
        counts.Pushed += applied;
        counts.Conflicts += conflicts;
        counts.Merged += settlements.Count(static settlement => settlement.Merged is not null);
        counts.Rejected += rejected;
        foreach (var (code, changes) in settlements.Where(static settlement => settlement.Kind == SettlementKind.Reject).CountBy(static settlement => settlement.Code ?? string.Empty))
        {
            PushLog.Rejected(context.Log, context.Dataset.Name, changes, code);
        }

        context.Memory.Sample();
        context.Metrics.CountPushed(context.Dataset.Name, applied, conflicts, rejected);
        var settled = settlements.Count - returned - rebased;
        counts.Settled += settled;
        context.Progress.Commit(settled);
        context.Progress.Report(SyncPhase.Push, pages: 0, context.Tally.Bytes, context.Tally.Retries, context.Memory.Current);
        context.SoFar.Fraction = context.Progress.Fraction;
        if (context.Log.IsEnabled(LogLevel.Debug))
        {
            PushLog.Settled(context.Log, context.Dataset.Name, applied, conflicts, rejected, returned, context.Seams.Time.GetElapsedTime(started).TotalMilliseconds);
        }
    }
}
