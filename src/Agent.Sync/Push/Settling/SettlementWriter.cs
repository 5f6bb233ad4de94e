using Agent.Sync.Push.Batches;
using Agent.Sync.Stores;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.Push.Settling;

/// <summary>Writes settlements to the store, those of one batch in one transaction, and records them. Used by one caller at a time.</summary>
internal sealed class SettlementWriter(PushContext context)
{
    // One list for all batches: the store reads it only while it settles.
    private readonly List<Settlement> _settlements = [];

    /// <summary>Gets or sets how many conflicts of this round left a change to be sent again.</summary>
    public long Rebased { get; set; }

    /// <summary>Returns the list to fill, empty.</summary>
    public List<Settlement> Begin()
    {
        _settlements.Clear();
        return _settlements;
    }

    /// <summary>Writes what the list holds.</summary>
    /// <param name="conflicts">How many conflicts the policy has decided in it.</param>
    /// <exception cref="SyncStoreException">The store failed; nothing of the list is settled.</exception>
    public async Task WriteAsync(int conflicts = 0)
    {
        if (_settlements.Count == 0)
        {
            return;
        }

        var time = context.Run.Seams.Time;
        var started = time.GetTimestamp();
        await context.Lease.RenewIfDueAsync().ConfigureAwait(false);

        // A received answer is settled as a whole, even if the run is cancelled meanwhile.
        var batch = new SettlementBatch(context.Dataset, _settlements, time.GetUtcNow(), context.Lease.HeldIn(context.Store));
        await context.Store.SettleAsync(batch, CancellationToken.None).ConfigureAwait(false);
        Record(conflicts, started);
    }

    private void Record(int conflicts, long started)
    {
        var kinds = _settlements.CountBy(static settlement => settlement.Kind).ToDictionary();
        long Count(SettlementKind kind) => kinds.GetValueOrDefault(kind);
        var (applied, rejected, returned) = (Count(SettlementKind.Acknowledge), Count(SettlementKind.Reject), Count(SettlementKind.Return));
        var rebased = Count(SettlementKind.KeepLocal) + Count(SettlementKind.TakeMerged);
        var settled = _settlements.Count - returned - rebased;
        Rebased += rebased;
        var counts = context.State.Counts;
        counts.Pushed += applied;
        counts.Conflicts += conflicts;
        counts.Merged += _settlements.Count(static settlement => settlement.Merged is not null);
        counts.Rejected += rejected;
        counts.Settled += settled;
        foreach (var (code, changes) in _settlements.Where(static settlement => settlement.Kind == SettlementKind.Reject).CountBy(static settlement => settlement.Code ?? string.Empty))
        {
            PushLog.Rejected(context.Run.Log, context.Dataset.Name, changes, code);
        }

        context.Run.Memory.Sample();
        context.Run.Metrics.RecordPushed(context.Dataset.Name, applied, conflicts, rejected);
        var progress = context.Run.Progress;
        progress.Commit(settled);
        progress.Report(SyncPhase.Push, pages: 0, context.Tally.Bytes, context.Tally.Retries, context.Run.Memory.Current);
        context.State.Fraction = progress.Fraction;
        if (context.Run.Log.IsEnabled(LogLevel.Debug))
        {
            var elapsed = context.Run.Seams.Time.GetElapsedTime(started).TotalMilliseconds;
            PushLog.Settled(context.Run.Log, context.Dataset.Name, applied, conflicts, rejected, returned, elapsed);
        }
    }
}
