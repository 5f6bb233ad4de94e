using Agent.Sync.Postgrest;
using Agent.Sync.Push.Batches;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.Push.Sending;

/// <summary>
/// Sends a batch and, if a row of it is refused, halves it until that row is alone. A row costs at most 2·⌈log2 n⌉ more requests. While everything is
/// refused alike and it is unknown whether a row is the cause, the largest parts are tried first, and only a few of them.
/// </summary>
internal sealed class Bisection(IBatchCall call, PushContext context, BatchRowLimit limit)
{
    private string Dataset => context.Dataset.Name;

    private ILogger Log => context.Run.Log;

    private RefusalSearch Refusals => context.State.Refusals;

    public async Task RunAsync(BatchResult result, CancellationToken cancellationToken)
    {
        var count = result.Batch.Changes.Length;
        if (context.MustStop)
        {
            result.Return(0, count);
            return;
        }

        var parts = new OpenParts(count);
        var allRefused = true;
        while (parts.TryTake(Refusals.IsSearching, out var part))
        {
            if (context.MustStop)
            {
                // It was sent already, in the batch around it, and one of those attempts may have arrived: it stays in flight unless the answer says otherwise.
                ReturnRest(result, parts, part, allRefused && Refusals.IsHopeless);
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
                    parts.RecordSuccess(part);
                    continue;
                }

                allRefused &= failure.IsRefusal;
                await RecordRefusalAsync(result, parts, part, fault, failure, cancellationToken).ConfigureAwait(false);
            }
            catch (SyncException failure)
            {
                ReturnRest(result, parts, part, allRefused && failure.IsRefusal);
                throw;
            }
        }
    }

    private static void ReturnRest(BatchResult result, OpenParts parts, BatchPart part, bool isKnown)
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

    private async Task<(WriteFault Fault, SyncException? Failure)> TryAsync(BatchResult result, BatchPart part, CancellationToken cancellationToken)
    {
        CallAnswer answer;
        try
        {
            answer = await call.SendAsync(result.Batch.Changes.Slice(part.Start, part.Count), cancellationToken).ConfigureAwait(false);
        }
        catch (SyncException failure) when (ErrorClassifier.FaultOf(failure) is var fault and not WriteFault.None)
        {
            return (fault, failure);
        }

        using (answer)
        {
            await call.TakeAsync(answer, result, part.Start, part.Count, cancellationToken).ConfigureAwait(false);
        }

        limit.RecordAnswered(part.Count);
        return (WriteFault.None, null);
    }

    private async Task RecordRefusalAsync(
        BatchResult result, OpenParts parts, BatchPart part, WriteFault fault, SyncException failure, CancellationToken cancellationToken)
    {
        if (failure.Kind == SyncErrorKind.PermissionDenied)
        {
            await call.RequireGrantAsync(failure, result.Batch.Changes.Span[part.Start], cancellationToken).ConfigureAwait(false);
        }

        if (fault == WriteFault.Unanswered && !Refusals.CountUnanswered(failure, isAlone: part.Count == 1))
        {
            throw failure;
        }

        if (part.Count == 1)
        {
            // Without an answer it stays in flight.
            if (fault != WriteFault.Unanswered && !await call.TrySinglyAsync(result, part.Start, failure, cancellationToken).ConfigureAwait(false))
            {
                var outcome = SingleFault.Judge(part.Start, fault, failure);
                parts.RecordRefusal(outcome.Kind);
                result.Add(outcome);
            }

            return;
        }

        var isSize = fault is WriteFault.TooLarge or WriteFault.TooSlow or WriteFault.Unanswered;
        if (isSize)
        {
            limit.Shrink(part.Count / 2);
            PushLog.BatchShrunk(Log, Dataset, failure.Code ?? SyncException.NoCode, limit.Current);
        }
        else if (parts.IsMostlyDeferred && SingleFault.OutcomeOf(fault) == OutcomeKind.Deferred)
        {
            // What so many rows wait for comes later in this push, or never: looking at the rest one by one is not worth the requests.
            result.Defer(part.Start, part.Count, failure.Code!);
            return;
        }
        else
        {
            PushLog.Bisecting(Log, Dataset, part.Count, failure.Code ?? SyncException.NoCode);
        }

        if (fault is WriteFault.Undecided or WriteFault.Busy)
        {
            Refusals.CountFruitless(failure.Code, fault == WriteFault.Busy);
        }

        parts.Halve(part, isSize);
    }

    private async Task SendSinglyAsync(BatchResult result, BatchPart part, CancellationToken cancellationToken)
    {
        for (var index = part.Start; index < part.Start + part.Count && !context.MustStop; index++)
        {
            await call.SendSinglyAsync(result, index, cancellationToken).ConfigureAwait(false);
        }
    }
}
