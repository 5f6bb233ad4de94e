using System.Runtime.ExceptionServices;
using Agent.Sync.Push.Batches;
using Agent.Sync.Push.Settling;
using Agent.Sync.Stores;

namespace Agent.Sync.Push;

/// <summary>One walk through a part of the outbox: changes are taken, sent, several requests at a time where that pays, and settled as their answers come.</summary>
/// <remarks>The order of a key's changes needs no care here: the outbox hands out one of them, and the next when that is settled.</remarks>
internal sealed class PushRound(
    PushContext context, UnitSize size, ChangeSender sender, Settler settler, BatchLimit batch, InFlightLimit inFlight, PushStop stop, ChangePart part)
{
    /// <summary>A look further ahead makes fewer requests: rows of the same columns go together, and only a window's last batch may be small.</summary>
    private const int BatchesAhead = 4;

    private readonly List<Task<UnitResult>> _running = [];
    private ChangeWindow? _window;
    private ExceptionDispatchInfo? _failure;
    private bool _storeFailed;
    private long _after;
    private long _left;
    private TimeSpan _worked;

    private PushOptions Options => context.Options.Push;

    /// <summary>Gets a value indicating whether everything was sent that there was to send.</summary>
    public bool IsComplete { get; private set; }

    /// <param name="most">The most changes to take: an app that keeps writing does not keep a run from ending.</param>
    /// <param name="cancellationToken">Ends requests under way; answers that are here are settled.</param>
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
        while (_failure is null && !stop.IsRequested && !cancellationToken.IsCancellationRequested && _running.Count < inFlight.Requests)
        {
            var started = context.Seams.Time.GetTimestamp();
            var unit = await TryAsync(() => NextAsync(cancellationToken)).ConfigureAwait(false);
            _worked += context.Seams.Time.GetElapsedTime(started);
            if (unit is null)
            {
                IsComplete = _failure is null;
                return;
            }

            stop.Quarantine.CountSent(CountNew(unit));
            _running.Add(context.Seams.Work.Start(() => SendAsync(unit, cancellationToken)));
        }
    }

    /// <summary>Counts the changes that this push has not sent before: sent again, they would hide how many are refused.</summary>
    private int CountNew(PushUnit unit)
    {
        var (count, held) = (0, context.SoFar);
        foreach (ref readonly var change in unit.Changes.Span)
        {
            count += held.Deferred.ContainsKey(change.Id) || held.Undecided.ContainsKey(change.Id) ? 0 : 1;
        }

        return count;
    }

    /// <summary>Sends a new row that waits for others, which wait for it, without its references to them.</summary>
    private PendingChange Halve(PendingChange change)
    {
        var held = context.SoFar;
        if (held.Awaited is null || change.Kind != ChangeKind.Insert || !held.Deferred.ContainsKey(change.Id)
            || !HalfInsert.TryMake(change, context.Dataset, held.Awaited, out var half))
        {
            return change;
        }

        held.Halves[change.Id] = change.OperationId;
        return half;
    }

    private async Task<PushUnit?> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_window?.Cut(batch.Changes) is { } unit)
            {
                return unit;
            }

            _window?.Close();
            _window = null;
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
            WholeRows: Options.ConflictPolicy == ConflictPolicy.LocalWins && context.Kit is null,
            context.HeldLease);
        var changes = await context.Store.TakeAsync(request, cancellationToken).ConfigureAwait(false);
        if (changes.Count == 0)
        {
            changes.Dispose();
            return false;
        }

        _window = new ChangeWindow(changes, size, context.SoFar.IsBackwards, Halve);
        _after = _window.LastId;
        _left -= changes.Count;
        if (!_window.Withheld.IsEmpty)
        {
            await settler.ReturnAsync(_window.Withheld).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Never throws: what went wrong comes with what was found out before.</summary>
    private async Task<UnitResult> SendAsync(PushUnit unit, CancellationToken cancellationToken)
    {
        var started = context.Seams.Time.GetTimestamp();
        var result = new UnitResult(unit, stop.Quarantine, stop.Refusals);
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

        result.Elapsed = context.Seams.Time.GetElapsedTime(started);
        return result;
    }

    private async Task SettleNextAsync(CancellationToken cancellationToken)
    {
        var (shrunk, slowed) = (batch.Shrunk, context.Tally.SlowDowns);
        var next = await Task.WhenAny(_running).ConfigureAwait(false);
        _running.Remove(next);
        using var result = await next.ConfigureAwait(false);
        _failure ??= result.Failure;
        var started = context.Seams.Time.GetTimestamp();
        if (!_storeFailed)
        {
            var failure = await TryAsync(() => settler.SettleAsync(result, cancellationToken)).ConfigureAwait(false);
            _failure ??= failure;
        }

        result.Unit.Window.Release();
        _worked += context.Seams.Time.GetElapsedTime(started);
        Adapt(result.Elapsed, isStruggling: batch.Shrunk != shrunk || context.Tally.SlowDowns != slowed);
    }

    private void Adapt(TimeSpan waited, bool isStruggling)
    {
        if (isStruggling ? inFlight.Reset(_running.Count) : inFlight.Note(waited, _worked))
        {
            PushLog.InFlightChanged(context.Log, context.Dataset.Name, inFlight.Requests);
        }

        _worked = TimeSpan.Zero;
    }

    private async Task ReturnRestAsync()
    {
        if (_window is null)
        {
            return;
        }

        if (!_storeFailed)
        {
            await TryAsync(async () =>
            {
                await settler.ReturnAsync(_window.Rest).ConfigureAwait(false);
                return true;
            }).ConfigureAwait(false);
        }

        _window.Close();
        _window = null;
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
