using System.Runtime.ExceptionServices;
using Agent.Sync.Postgrest;
using Agent.Sync.Push.Batches;
using Agent.Sync.Push.Rows;
using Agent.Sync.Stores;

namespace Agent.Sync.Push.Settling;

/// <summary>Settles the outcomes of batches, each batch in one transaction. Called by one caller at a time.</summary>
internal sealed class Settler
{
    private readonly PushContext _context;
    private readonly SettlementWriter _writer;
    private readonly RefusalSettler _refusals;
    private readonly ConflictResolution _conflicts;
    private readonly StampCheck _stamps;
    private readonly HashSet<long> _mayHaveArrived = [];

    public Settler(PushContext context)
    {
        _context = context;
        _writer = new SettlementWriter(context);
        _refusals = new RefusalSettler(context, _writer);
        _conflicts = new ConflictResolution(context);
        _stamps = new StampCheck(context);
    }

    /// <summary>Gets how many conflicts of this round left a change to be sent again.</summary>
    public long Rebased => _writer.Rebased;

    private PushState State => _context.State;

    /// <summary>Reads which changes an earlier run left in flight: they may be on the server, so they are never given back to be merged with later edits.</summary>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        var left = await _context.Store.ListChangesAsync(_context.Dataset, ChangeState.InFlight, after: 0, int.MaxValue, cancellationToken).ConfigureAwait(false);
        _mayHaveArrived.UnionWith(left.Select(static change => change.Id));
        State.LeftInFlight ??= [.. _mayHaveArrived];
    }

    public void BeginRound() => _writer.Rebased = 0;

    /// <summary>Settles the outcomes of a batch.</summary>
    /// <returns>What the app's resolver failed with: everything else is settled then, and its change stays in flight. Otherwise what the rows show of a table whose stamps do not move.</returns>
    /// <exception cref="SyncStoreException">The store failed; nothing of the batch is settled.</exception>
    public async Task<ExceptionDispatchInfo?> SettleAsync(BatchResult result, CancellationToken cancellationToken)
    {
        ExceptionDispatchInfo? failure = null;
        SyncException? stamps = null;
        var settlements = _writer.Begin();
        var conflicts = 0;
        for (var i = 0; i < result.Outcomes.Length; i++)
        {
            var outcome = result.Outcomes.Span[i];
            var change = result.Batch.Changes.Span[outcome.Index];
            State.Resent.Remove(change.Id);
            State.Deferred.Remove(change.Id, out var deferred);
            State.Undecided.Remove(change.Id, out var earlier);
            if (State.Halves.Remove(change.Id, out var whole))
            {
                AddHalf(settlements, change, outcome, whole, deferred);
                continue;
            }

            stamps ??= await _stamps.FindAsync(change, outcome, result).ConfigureAwait(false);
            if (Revival.IsNeeded(change, outcome))
            {
                settlements.Add(_conflicts.Revive(change, outcome, result));
            }
            else if (outcome.Kind == OutcomeKind.Conflict && IsHalfThere(change, outcome))
            {
                settlements.Add(new Settlement(change.Id, change.OperationId, SettlementKind.KeepLocal, outcome.Server, outcome.ServerRow));
            }
            else if (KeyTaken.IsMet(_context.Dataset, change, outcome, _context.ConflictPolicy))
            {
                State.Quarantine.CountRejected();
                settlements.Add(KeyTaken.Settle(change, outcome));
            }
            else if (outcome.Kind != OutcomeKind.Conflict)
            {
                Add(settlements, change, outcome, deferred, earlier);
            }
            else if (failure is null)
            {
                try
                {
                    settlements.Add(await _conflicts.ResolveAsync(change, outcome, result, cancellationToken).ConfigureAwait(false));
                    conflicts++;
                }
#pragma warning disable CA1031 // It ends the run, once the answers that came with it are settled.
                catch (Exception exception)
#pragma warning restore CA1031
                {
                    failure = ExceptionDispatchInfo.Capture(exception);
                }
            }
        }

        _refusals.AddDecided(settlements);
        await _writer.WriteAsync(conflicts).ConfigureAwait(false);
        return failure ?? (stamps is null ? null : ExceptionDispatchInfo.Capture(stamps));
    }

    /// <summary>Gives back changes that were taken and not sent.</summary>
    public Task ReturnAsync(ReadOnlyMemory<PendingChange> changes)
    {
        var settlements = _writer.Begin();
        foreach (ref readonly var change in changes.Span)
        {
            AddReturn(settlements, change);
        }

        return _writer.WriteAsync();
    }

    private static Settlement Rejection(in PendingChange change, in ChangeOutcome outcome) =>
        new(change.Id, change.OperationId, SettlementKind.Reject) { Code = outcome.Code, Constraint = outcome.Constraint };

    private static string? KeyOfWaiting(in PendingChange change, in ChangeOutcome outcome) =>
        change.Kind == ChangeKind.Insert && outcome.Code == "23503" ? HalfInsert.KeyOf(change) : null;

    private void Add(List<Settlement> settlements, in PendingChange change, in ChangeOutcome outcome, in HeldRefusal deferred, in HeldRefusal undecided)
    {
        switch (outcome.Kind)
        {
            case OutcomeKind.Returned when deferred.Times > 0:
                State.Deferred.Add(change.Id, deferred);
                break;
            case OutcomeKind.Returned when undecided.Times > 0:
                State.Undecided.Add(change.Id, undecided);
                break;
            case OutcomeKind.Applied:
                settlements.Add(new Settlement(change.Id, change.OperationId, SettlementKind.Acknowledge, outcome.Server, outcome.ServerRow));
                break;
            case OutcomeKind.Returned:
                AddReturn(settlements, change);
                break;
            case OutcomeKind.Deferred:
                // It stays in flight, and is taken unchanged when everything else has been sent.
                _mayHaveArrived.Add(change.Id);
                State.Deferred.Add(change.Id, new HeldRefusal(Rejection(change, outcome), outcome.IsAlone, Key: KeyOfWaiting(change, outcome)));
                break;
            case OutcomeKind.Undecided:
                // It stays in flight until it is known whether others go through.
                _mayHaveArrived.Add(change.Id);
                State.Undecided.Add(change.Id, new HeldRefusal(Rejection(change, outcome), ErrorClassifier.MayBeRows(outcome.Code), undecided.Times + 1));
                break;
            default:
                settlements.Add(Rejection(change, outcome));
                break;
        }
    }

    /// <summary>Settles the first half of a new row: the rest waits as an update of it. If the half was not applied, the change is deferred as before.</summary>
    private void AddHalf(List<Settlement> settlements, in PendingChange change, in ChangeOutcome outcome, Guid whole, in HeldRefusal deferred)
    {
        if (outcome is { Kind: OutcomeKind.Applied, Server: not null })
        {
            State.HalvesSent++;
            settlements.Add(new Settlement(change.Id, whole, SettlementKind.KeepLocal, outcome.Server, outcome.ServerRow));
        }
        else
        {
            State.Deferred.Add(change.Id, deferred);
        }
    }

    private void AddReturn(List<Settlement> settlements, in PendingChange change)
    {
        if (!_mayHaveArrived.Contains(change.Id))
        {
            settlements.Add(new Settlement(change.Id, change.OperationId, SettlementKind.Return));
        }
    }

    /// <summary>Tells whether an insert of an earlier run, which ended before the answer, conflicts with its own first half: the server's row lacks values and has no others.</summary>
    private bool IsHalfThere(in PendingChange change, in ChangeOutcome outcome) =>
        change.Kind == ChangeKind.Insert && outcome.Server is not null && State.WasLeftInFlight(change.Id)
        && SentValues.AreInOrMissing(change.Row.Span, outcome.Server, outcome.ServerRow);
}
