using System.Runtime.ExceptionServices;
using Agent.Sync.Push.Batches;
using Agent.Sync.Push.Settling;
using Agent.Sync.Stores;

namespace Agent.Sync.Push;

/// <summary>One walk through a part of the outbox: changes are taken, sent (several requests at a time if that is faster) and settled as their answers arrive.</summary>
/// <remarks>The walk need not keep the order of a key's changes: the outbox hands out one of them, and the next one when that is settled.</remarks>
internal sealed class PushRound(
    PushContext context, BatchBounds bounds, ChangeSender sender, Settler settler, BatchRowLimit rowLimit, InFlightLimit inFlight, ChangePart part)
{
    /// <summary>A look further ahead makes fewer requests: rows of the same columns go together, and only the last batch of those taken at once may be small.</summary>
    private const int BatchesAhead = 4;

    private readonly List<Task<BatchResult>> _running = [];
    private TakenChanges? _taken;
    private ExceptionDispatchInfo? _failure;
    private bool _storeFailed;
    private long _after;
    private long _left;
    private TimeSpan _worked;

    private PushOptions Options => context.Run.Options.Push;

    /// <summary>Gets a value indicating whether everything was sent that there was to send.</summary>
    public bool IsComplete { get; private set; }

    /// <param name="most">The most changes to take, so that a run ends even while the app keeps writing.</param>
    /// <param name="cancellationToken">Ends requests under way; answers that have arrived are settled.</param>
    public async Task RunAsync(long most, CancellationToken cancellationToken)
    {
        _left = most;
        while (true)
        {
            await FillAsync(cancellationToken).ConfigureAwait(false);
            if (_running.Count == 0)
            {
                break;
            }

            await SettleNextAsync(cancellationToken).ConfigureAwait(false);
        }

        await ReturnRestAsync().ConfigureAwait(false);
        _failure?.Throw();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task FillAsync(CancellationToken cancellationToken)
    {
        while (_failure is null && !context.MustStop && !cancellationToken.IsCancellationRequested && _running.Count < inFlight.Requests)
        {
            var started = context.Run.Seams.Time.GetTimestamp();
            var batch = await TryAsync(() => NextAsync(cancellationToken)).ConfigureAwait(false);
            _worked += context.Run.Seams.Time.GetElapsedTime(started);
            if (batch is null)
            {
                IsComplete = _failure is null;
                return;
            }

            context.State.Quarantine.CountSent(RecordSent(batch));
            _running.Add(context.Run.Seams.Work.Start(() => SendAsync(batch, cancellationToken)));
        }
    }

    /// <summary>Records what is sent again, and counts the changes that this push has not sent before: the others would hide how many are refused.</summary>
    private int RecordSent(PushBatch batch)
    {
        var (count, held) = (0, context.State);
        foreach (ref readonly var change in batch.Changes.Span)
        {
            if (held.Deferred.ContainsKey(change.Id) || held.Undecided.ContainsKey(change.Id))
            {
                held.Resent.Add(change.Id);
            }
            else
            {
                count++;
            }
        }

        return count;
    }

    /// <summary>Sends a new row that waits for others, which wait for it, without its references to them.</summary>
    private PendingChange Halve(PendingChange change)
    {
        var held = context.State;
        if (held.Awaited is null || change.Kind != ChangeKind.Insert || !held.Deferred.ContainsKey(change.Id)
            || !HalfInsert.TryMake(change, context.Dataset, held.Awaited, out var half))
        {
            return change;
        }

        held.Halves[change.Id] = change.OperationId;
        return half;
    }

    private async Task<PushBatch?> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_taken?.Cut(rowLimit.Current) is { } batch)
            {
                return batch;
            }

            _taken?.Close();
            _taken = null;
            if (_left <= 0 || !await TakeAsync(cancellationToken).ConfigureAwait(false))
            {
                return null;
            }
        }
    }

    private async Task<bool> TakeAsync(CancellationToken cancellationToken)
    {
        var batches = Math.Max(inFlight.Requests, BatchesAhead);
        await context.Lease.RenewIfDueAsync().ConfigureAwait(false);
        var request = new TakeRequest(
            context.Dataset,
            part,
            _after,
            (int)Math.Min(_left, (long)Options.BatchRows * batches),
            (long)Options.BatchBytes * batches,
            WholeRows: context.ConflictPolicy == ConflictPolicy.LocalWins && !context.UsesKit,
            context.Lease.HeldIn(context.Store));
        var changes = await context.Store.TakeAsync(request, cancellationToken).ConfigureAwait(false);
        if (changes.Count == 0)
        {
            changes.Dispose();
            return false;
        }

        _taken = new TakenChanges(changes, bounds, context.State.IsBackwards, Halve);
        _after = _taken.LastId;
        _left -= changes.Count;
        if (!_taken.Withheld.IsEmpty)
        {
            await settler.ReturnAsync(_taken.Withheld).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Never throws: what went wrong comes with what was found out before.</summary>
    private async Task<BatchResult> SendAsync(PushBatch batch, CancellationToken cancellationToken)
    {
        var started = context.Run.Seams.Time.GetTimestamp();
        var result = new BatchResult(batch, context.State);
        try
        {
            await sender.SendAsync(result, cancellationToken).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // It is thrown again once the answers before it are settled.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            result.Failure = ExceptionDispatchInfo.Capture(exception);
        }

        result.Elapsed = context.Run.Seams.Time.GetElapsedTime(started);
        return result;
    }

    private async Task SettleNextAsync(CancellationToken cancellationToken)
    {
        var (shrunk, slowed) = (rowLimit.Shrunk, context.Tally.SlowDowns);
        var next = await Task.WhenAny(_running).ConfigureAwait(false);
        _running.Remove(next);
        using var result = await next.ConfigureAwait(false);
        _failure ??= result.Failure;
        var started = context.Run.Seams.Time.GetTimestamp();
        if (!_storeFailed)
        {
            var failure = await TryAsync(() => settler.SettleAsync(result, cancellationToken)).ConfigureAwait(false);
            _failure ??= failure;
        }

        result.Batch.Taken.Release();
        _worked += context.Run.Seams.Time.GetElapsedTime(started);
        Adapt(result.Elapsed, isStruggling: rowLimit.Shrunk != shrunk || context.Tally.SlowDowns != slowed);
    }

    private void Adapt(TimeSpan waited, bool isStruggling)
    {
        if (isStruggling ? inFlight.Reset(_running.Count) : inFlight.RecordReturn(waited, _worked))
        {
            PushLog.InFlightChanged(context.Run.Log, context.Dataset.Name, inFlight.Requests);
        }

        _worked = TimeSpan.Zero;
    }

    private async Task ReturnRestAsync()
    {
        if (_taken is null)
        {
            return;
        }

        if (!_storeFailed)
        {
            await TryAsync(async () =>
            {
                await settler.ReturnAsync(_taken.Rest).ConfigureAwait(false);
                return true;
            }).ConfigureAwait(false);
        }

        _taken.Close();
        _taken = null;
    }

    /// <summary>Keeps the first failure for the end, so that requests under way are always waited for.</summary>
    private async Task<T?> TryAsync<T>(Func<Task<T>> step)
    {
        try
        {
            return await step().ConfigureAwait(false);
        }
#pragma warning disable CA1031 // It is thrown again when nothing is under way any more.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _storeFailed |= exception is not OperationCanceledException;
            _failure ??= ExceptionDispatchInfo.Capture(exception);
            return default;
        }
    }
}
