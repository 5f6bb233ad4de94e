using System.Text.Json;
using Agent.Sync.Push.Batches;
using Agent.Sync.Push.Rows;
using Agent.Sync.Stores;

namespace Agent.Sync.Push.Settling;

/// <summary>Decides conflicts by the policy. The app's resolver is called for one at a time.</summary>
internal sealed class ConflictResolution(PushContext context)
{
    public async ValueTask<Settlement> ResolveAsync(PendingChange change, ChangeOutcome conflict, BatchResult result, CancellationToken cancellationToken) =>
        context.ConflictPolicy switch
        {
            ConflictPolicy.LocalWins => KeepLocal(change, conflict, result),
            ConflictPolicy.Resolver => await AskAsync(change, conflict, result, cancellationToken).ConfigureAwait(false),
            _ => Settle(change, conflict, SettlementKind.TakeServer),
        };

    /// <summary>Makes an update of an insert that met a soft-deleted row. No resolver is asked: to the app, there was no row.</summary>
    public Settlement Revive(in PendingChange change, in ChangeOutcome outcome, BatchResult result) =>
        Write(change, Revival.ValuesOf(change, context.Dataset), outcome, result);

    private static Settlement Settle(in PendingChange change, in ChangeOutcome conflict, SettlementKind kind) =>
        new(change.Id, change.OperationId, kind, conflict.Server, conflict.ServerRow);

    /// <summary>An insert leaves columns to the server's defaults. Written over an existing row, it leaves them as that row has them.</summary>
    private Settlement KeepLocal(in PendingChange change, in ChangeOutcome conflict, BatchResult result) =>
        change.Kind == ChangeKind.Insert && conflict.Server is not null
            ? Write(change, change.Row, conflict, result)
            : Settle(change, conflict, SettlementKind.KeepLocal);

    private Settlement Write(in PendingChange change, ReadOnlyMemory<byte> values, in ChangeOutcome outcome, BatchResult result) =>
        Settle(change, outcome, SettlementKind.TakeMerged) with
        {
            Merged = ParseRow(Compose(values, outcome.Server!.GetRow(outcome.ServerRow), keepsRest: true, sent: null), result),
        };

    private async ValueTask<Settlement> AskAsync(PendingChange change, ChangeOutcome conflict, BatchResult result, CancellationToken cancellationToken)
    {
        var images = await context.Store.ReadRowsAsync(context.Dataset, change.Id, cancellationToken).ConfigureAwait(false);
        var server = conflict.Server?.GetRow(conflict.ServerRow) ?? default;
        var question = new Conflict(context.Dataset.Name, images.Server, images.Local, server);
        var decision = await AskResolverAsync(question, cancellationToken).ConfigureAwait(false);
        if (decision is null)
        {
            throw Unusable();
        }

        return decision.Winner switch
        {
            ConflictWinner.Local => KeepLocal(change, conflict, result),

            // Deleting a row that the server has deleted means taking the server's side.
            ConflictWinner.Merged when !decision.MergedRow.IsEmpty || conflict.Server is not null =>
                Settle(change, conflict, SettlementKind.TakeMerged) with
                {
                    Merged = Parse(change, decision.MergedRow, conflict.Server is null ? images.Server : server, result),
                },
            _ => Settle(change, conflict, SettlementKind.TakeServer),
        };
    }

    /// <summary>A resolver that does not look at its token does not hold up a run that was cancelled.</summary>
    private async ValueTask<ConflictDecision> AskResolverAsync(Conflict question, CancellationToken cancellationToken)
    {
        using var wait = context.Run.Watch?.Enter(SyncWait.Resolver, context.Dataset.Name);
        var answer = context.Run.Options.Push.ResolverOf(context.Dataset)(question, cancellationToken);
        return answer.IsCompleted ? await answer.ConfigureAwait(false) : await answer.AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private Page? Parse(in PendingChange change, ReadOnlyMemory<byte> row, ReadOnlyMemory<byte> beneath, BatchResult result)
    {
        if (row.IsEmpty)
        {
            return null;
        }

        Page page;
        try
        {
            // An inserted row's empty columns were left to the server, so a merged row that carries them on means what the server has.
            var isInsert = change.Kind == ChangeKind.Insert;
            page = ParseRow(Compose(row, beneath, keepsRest: isInsert, sent: isInsert ? change.Columns : null), result);
        }
        catch (Exception exception) when (exception is SyncProtocolException or SyncSchemaException or JsonException)
        {
            throw Unusable();
        }

        return page.Count == 1 && SentValues.AreIn(change.Key.Span, page, 0) ? page : throw Unusable();
    }

    private ReadOnlyMemory<byte> Compose(ReadOnlyMemory<byte> values, ReadOnlyMemory<byte> row, bool keepsRest, IReadOnlyList<string>? sent) =>
        RowOverlay.Compose(context.Dataset, values, row, keepsRest, sent, context.Run.Options.MaxJsonDepth);

    private Page ParseRow(ReadOnlyMemory<byte> row, BatchResult result) => result.Keep(Page.Parse(context.Dataset, row.Span));

    private SyncProtocolException Unusable() => new(
        SyncErrorKind.BadRequest,
        $"The conflict resolver's decision for dataset '{context.Dataset.Name}' cannot be used. Return one of the rows, Delete, or one JSON object with the same key and a fitting value for every column that is sent, DeletedAt included. The change is kept and the conflict comes again.",
        context.Dataset.Name);
}
