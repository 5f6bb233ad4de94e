using Agent.Sync.Postgrest;
using Agent.Sync.Push.Batches;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.Push.Sending;

/// <summary>
/// Sends a batch; where a row of it is refused, halves it until the row is alone. A row costs at most 2·⌈log2 n⌉ more requests. Where
/// everything is refused alike and nobody knows whether a row is meant, the largest parts are tried first, and not many of them.
/// </summary>
internal sealed class Bisection(IBatchCall call, BatchLimit limit, PushStop stop, string dataset, ILogger log)
{
    public async Task RunAsync(UnitResult result, CancellationToken cancellationToken)
    {
        var count = result.Unit.Changes.Length;
        if (stop.IsRequested)
        {
            result.Return(0, count);
            return;
        }

        var parts = new OpenParts(count);
        var putOff = new PutOffLimit();
        var allRefused = true;
        while (parts.TryTake(stop.Refusals.IsSearching, out var part))
        {
            if (stop.IsRequested)
            {
                // Sent once already, in the batch around it, of which an attempt may have arrived: it stays in flight unless the answer says otherwise.
                ReturnRest(result, parts, part, allRefused && stop.Refusals.IsHopeless);
                return;
            }

            if (call.IsUnfit)
            {
                await SendSinglyAsync(result, part, cancellationToken).ConfigureAwait(false);
                continue;
            }

            if (part.HoldsFault && part.Count > 1)
            {
                parts.Halve(part, isSize: false);
                continue;
            }

            try
            {
                var (fault, failure) = await TryAsync(result, part, cancellationToken).ConfigureAwait(false);
                if (failure is null)
                {
                    part.HasPassed = true;
                    putOff.Note(part.Count);
                    continue;
                }

                allRefused &= failure.IsRefusal;
                await NoteAsync(result, parts, part, fault, failure, putOff, cancellationToken).ConfigureAwait(false);
            }
            catch (SyncException failure)
            {
                ReturnRest(result, parts, part, allRefused && failure.IsRefusal);
                throw;
            }
        }
    }

    private static void ReturnRest(UnitResult result, OpenParts parts, BatchPart part, bool isKnown)
    {
        if (!isKnown)
        {
            return;
        }

        BatchPart? next = part;
        while (next is not null)
        {
            result.Return(next.Start, next.Count);
            next = parts.TryTake(largestFirst: false, out var other) ? other : null;
        }
    }

    private async Task<(WriteFault Fault, SyncException? Failure)> TryAsync(UnitResult result, BatchPart part, CancellationToken cancellationToken)
    {
        CallAnswer answer;
        try
        {
            answer = await call.SendAsync(result.Unit.Changes.Slice(part.Start, part.Count), cancellationToken).ConfigureAwait(false);
        }
        catch (SyncException failure) when (ErrorClassifier.FaultOf(failure) is var fault and not WriteFault.None)
        {
            return (fault, failure);
        }

        using (answer)
        {
            await call.TakeAsync(answer, result, part.Start, part.Count, cancellationToken).ConfigureAwait(false);
        }

        limit.Note(part.Count);
        return (WriteFault.None, null);
    }

    private async Task NoteAsync(
        UnitResult result, OpenParts parts, BatchPart part, WriteFault fault, SyncException failure, PutOffLimit putOff, CancellationToken cancellationToken)
    {
        if (failure.Kind == SyncErrorKind.PermissionDenied)
        {
            await call.RequireGrantAsync(failure, result.Unit.Changes.Span[part.Start], cancellationToken).ConfigureAwait(false);
        }

        if (fault == WriteFault.Unanswered && !stop.Refusals.CountUnanswered(failure, isAlone: part.Count == 1))
        {
            throw failure;
        }

        if (part.Count == 1)
        {
            // Without an answer it stays in flight.
            if (fault != WriteFault.Unanswered && !await call.TrySinglyAsync(result, part.Start, failure, cancellationToken).ConfigureAwait(false))
            {
                var verdict = SingleFault.Judge(part.Start, fault, failure);
                putOff.Note(verdict.Kind);
                result.Add(verdict);
            }

            return;
        }

        var isSize = fault is WriteFault.TooLarge or WriteFault.TooSlow or WriteFault.Unanswered;
        if (isSize)
        {
            limit.Shrink(part.Count / 2);
            PushLog.BatchShrunk(log, dataset, failure.Code ?? SyncException.NoCode, limit.Changes);
        }
        else if (putOff.IsReached && SingleFault.VerdictOf(fault) == VerdictKind.Deferred)
        {
            // What so many rows wait for comes later in this push, or never: the rest is not worth looking at one by one.
            result.Defer(part.Start, part.Count, failure.Code!);
            return;
        }
        else
        {
            PushLog.Bisecting(log, dataset, part.Count, failure.Code ?? SyncException.NoCode);
        }

        if (fault is WriteFault.Undecided or WriteFault.Busy)
        {
            stop.Refusals.CountFruitless(failure.Code, fault == WriteFault.Busy);
        }

        parts.Halve(part, isSize);
    }

    private async Task SendSinglyAsync(UnitResult result, BatchPart part, CancellationToken cancellationToken)
    {
        for (var index = part.Start; index < part.Start + part.Count && !stop.IsRequested; index++)
        {
            await call.SendSinglyAsync(result, index, cancellationToken).ConfigureAwait(false);
        }
    }
}
