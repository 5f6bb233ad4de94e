using Agent.Sync.Postgrest;
using Agent.Sync.Push.Batches;
using Agent.Sync.Stores;

namespace Agent.Sync.Push.Settling;

/// <summary>Settles the refusals that were held back until it is known whether the changes themselves are at fault. Called by one caller at a time.</summary>
internal sealed class RefusalSettler(PushContext context, SettlementWriter writer)
{
    private PushState State => context.State;

    /// <summary>Rejects the changes that were deferred, by the answers they had, until there are too many.</summary>
    /// <returns>Whether any were left to wait.</returns>
    public async Task<bool> RejectDeferredAsync()
    {
        var settlements = writer.Begin();
        var (isLeft, isFull) = (false, false);
        foreach (var (_, held) in State.Deferred)
        {
            // The bound is checked once per so many rejections as one answer may bring.
            isFull |= settlements.Count % context.Run.Options.Push.BatchRows == 0 && State.Quarantine.IsFull;
            if (held.IsRows && !isFull)
            {
                // A change that reached a constraint was not refused for what refuses every change.
                State.Refusals.RecordWitness();
                Reject(settlements, held);
            }
            else
            {
                Return(settlements, held);
                isLeft = true;
            }
        }

        State.Deferred.Clear();
        await writer.WriteAsync().ConfigureAwait(false);
        return isLeft;
    }

    /// <summary>Settles the changes whose refusal may be anybody's: with a witness it is the row's; without one the changes wait, and may be edited and discarded.</summary>
    /// <returns>The code of the refusal that no change is at fault for; null when nothing is left.</returns>
    public async Task<string?> DecideAsync()
    {
        var settlements = writer.Begin();
        AddDecided(settlements);
        var left = State.Undecided.Values;

        // A single change does not show what others would get. A code that is raised for a row's content is trusted.
        if (left.Count == 1 && left.First() is { IsRows: true, Stays: true, Rejection.Code: { } code } && ErrorClassifier.IsAboutContent(code) && !State.Refusals.IsHopeless)
        {
            Reject(settlements, left.First());
            State.Undecided.Clear();
        }

        var reason = left.Select(static held => held.Rejection.Code).FirstOrDefault() ?? (State.Refusals.IsHopeless ? State.Refusals.Code : null);
        foreach (var held in left)
        {
            Return(settlements, held);
        }

        State.Undecided.Clear();
        await writer.WriteAsync().ConfigureAwait(false);
        return reason;
    }

    /// <summary>Adds the rejections of the changes that are known by now to be at fault themselves.</summary>
    public void AddDecided(List<Settlement> settlements)
    {
        if (!State.Refusals.HasWitness)
        {
            return;
        }

        foreach (var (change, held) in State.Undecided.Where(static entry => entry.Value is { IsRows: true, Stays: true }).ToList())
        {
            Reject(settlements, held);
            State.Undecided.Remove(change);
        }
    }

    /// <summary>
    /// Lets a change wait again. One that an earlier run left in flight stays in flight: if it is on the server and were merged with a later edit,
    /// it would take its own row for another writer's.
    /// </summary>
    private void Return(List<Settlement> settlements, in HeldRefusal held)
    {
        if (!State.WasLeftInFlight(held.Rejection.Change))
        {
            settlements.Add(held.Rejection with { Kind = SettlementKind.Return });
        }
    }

    private void Reject(List<Settlement> settlements, in HeldRefusal held)
    {
        State.Quarantine.CountRejected();
        settlements.Add(held.Rejection);
    }
}
