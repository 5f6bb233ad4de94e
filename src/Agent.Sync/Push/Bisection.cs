using Agent.Sync.Postgrest;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.Push;

/// <summary>Sends a batch; where a row of it is refused, halves it until the row is alone. A row costs at most 2·⌈log2 n⌉ more requests.</summary>
internal sealed class Bisection(IBatchCall call, BatchLimit limit, PushStop stop, string dataset, ILogger log)
{
    public Task RunAsync(UnitResult result, CancellationToken cancellationToken)
    {
        if (!stop.IsRequested)
        {
            return SendAsync(result, 0, result.Unit.Changes.Length, holdsFault: false, cancellationToken);
        }

        result.Return(0, result.Unit.Changes.Length);
        return Task.CompletedTask;
    }

    /// <param name="result">Gets the verdicts.</param>
    /// <param name="start">The first change.</param>
    /// <param name="count">How many.</param>
    /// <param name="holdsFault">Whether one of them is known to be refused: then all of them together are not tried.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Whether a row was refused.</returns>
    private async Task<bool> SendAsync(UnitResult result, int start, int count, bool holdsFault, CancellationToken cancellationToken)
    {
        if (stop.IsRequested)
        {
            // Sent once already, in the batch around it, of which an attempt may have arrived: it stays in flight.
            return false;
        }

        var fault = WriteFault.Row;
        if (!holdsFault || count == 1)
        {
            fault = await TryAsync(result, start, count, cancellationToken).ConfigureAwait(false);
            if (fault == WriteFault.None)
            {
                return false;
            }

            if (count == 1)
            {
                return true;
            }
        }

        var half = count / 2;
        var inFirst = await SendAsync(result, start, half, holdsFault: false, cancellationToken).ConfigureAwait(false);
        var isSize = fault is WriteFault.TooLarge or WriteFault.TooSlow;
        return await SendAsync(result, start + half, count - half, !isSize && !inFirst, cancellationToken).ConfigureAwait(false) || inFirst;
    }

    private async Task<WriteFault> TryAsync(UnitResult result, int start, int count, CancellationToken cancellationToken)
    {
        CallAnswer answer;
        try
        {
            answer = await call.SendAsync(result.Unit.Changes.Slice(start, count), cancellationToken).ConfigureAwait(false);
        }
        catch (SyncException failure) when (ErrorClassifier.FaultOf(failure) != WriteFault.None)
        {
            return await NoteAsync(result, start, count, failure, cancellationToken).ConfigureAwait(false);
        }

        using (answer)
        {
            await call.TakeAsync(answer, result, start, count, cancellationToken).ConfigureAwait(false);
        }

        limit.Note(count);
        return WriteFault.None;
    }

    private async Task<WriteFault> NoteAsync(UnitResult result, int start, int count, SyncException failure, CancellationToken cancellationToken)
    {
        var fault = ErrorClassifier.FaultOf(failure);
        if (failure.Kind == SyncErrorKind.PermissionDenied)
        {
            await call.RequireGrantAsync(failure, result.Unit.Changes.Span[start], cancellationToken).ConfigureAwait(false);
        }

        if (count > 1)
        {
            if (fault is WriteFault.TooLarge or WriteFault.TooSlow)
            {
                limit.Shrink(count / 2);
                PushLog.BatchShrunk(log, dataset, failure.Code ?? SyncException.NoCode, limit.Changes);
            }
            else
            {
                PushLog.Bisecting(log, dataset, count, failure.Code ?? SyncException.NoCode);
            }

            return fault;
        }

        result.Add(SingleFault.Judge(start, fault, failure));
        return fault;
    }
}
