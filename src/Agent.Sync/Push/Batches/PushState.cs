using Agent.Sync.Stores;

namespace Agent.Sync.Push.Batches;

/// <summary>What the parts of one dataset's push have in common: each continues from what those before it did.</summary>
internal sealed class PushState(PushOptions options)
{
    public PushCounts Counts { get; } = new();

    public QuarantineGuard Quarantine { get; } = new(options);

    /// <summary>Gets the changes that refer to a row that was missing when they were last sent, or have a value that another row had. They are in flight.</summary>
    public SortedDictionary<long, HeldRefusal> Deferred { get; } = [];

    /// <summary>Gets the changes whose refusal is a row's or everybody's. They are in flight.</summary>
    public SortedDictionary<long, HeldRefusal> Undecided { get; } = [];

    /// <summary>Gets the refused changes that are being sent again: until the answer is there, they may have arrived.</summary>
    public HashSet<long> Resent { get; } = [];

    /// <summary>Gets or sets the changes that an earlier run left in flight, so that one of its attempts may have arrived, whatever a later attempt is answered; null until the push begins.</summary>
    public HashSet<long>? LeftInFlight { get; set; }

    /// <summary>Gets what is known about whose fault refusals are.</summary>
    public RefusalSearch Refusals { get; } = new();

    /// <summary>Gets or sets a value indicating whether changes are sent last first: a change that waits for a value usually precedes the one that gives it up.</summary>
    public bool IsBackwards { get; set; }

    /// <summary>Gets or sets the keys of new rows that wait for each other, while each is sent without its references to them; null otherwise.</summary>
    public IReadOnlySet<string>? Awaited { get; set; }

    /// <summary>Gets the operation ids of the changes of which a half is under way.</summary>
    public Dictionary<long, Guid> Halves { get; } = [];

    /// <summary>Gets or sets how many halves are on the server.</summary>
    public int HalvesSent { get; set; }

    /// <summary>Gets or sets what ends the run once the other datasets have been pushed and everything has been pulled; null for nothing.</summary>
    public SyncException? Failure { get; set; }

    /// <summary>Gets a value indicating whether something is worth sending again when everything else has been sent.</summary>
    public bool WantsAnotherTry => Deferred.Count > 0
        || ((Refusals.HasWitness || Undecided.Count == 1) && Undecided.Values.Any(static held => held is { IsRows: true, Stays: false }));

    /// <summary>Gets a value indicating whether refusals are left to decide about.</summary>
    public bool HoldsRefusals => Deferred.Count > 0 || Undecided.Count > 0 || Refusals.IsHopeless || Refusals.Unanswered is not null;

    /// <summary>Returns whether an earlier run left the change in flight.</summary>
    public bool WasLeftInFlight(long change) => LeftInFlight?.Contains(change) == true;

    /// <summary>Returns the settlements that let the refused changes wait again, without those that may be on the server all the same, and forgets the refusals.</summary>
    public List<Settlement> TakeRefused()
    {
        List<Settlement> refused = [.. Deferred.Values.Concat(Undecided.Values)
            .Select(static held => held.Rejection with { Kind = SettlementKind.Return })
            .Where(settlement => !WasLeftInFlight(settlement.Change) && !Resent.Contains(settlement.Change) && !Halves.ContainsKey(settlement.Change))];
        Deferred.Clear();
        Undecided.Clear();
        return refused;
    }

    /// <summary>Gets or sets the share that the progress showed last.</summary>
    public double Fraction { get; set; }
}

/// <summary>What the push of one dataset did so far.</summary>
internal sealed record PushCounts
{
    /// <summary>Gets or sets the changes that are on the server.</summary>
    public long Pushed { get; set; }

    /// <summary>Gets or sets the conflicts that the policy decided.</summary>
    public long Conflicts { get; set; }

    /// <summary>Gets or sets the changes that went into quarantine.</summary>
    public long Rejected { get; set; }

    /// <summary>Gets or sets the rows that a conflict's resolver made: each waits to be written, including one made where a delete met the conflict.</summary>
    public long Merged { get; set; }

    /// <summary>Gets or sets the changes that need nothing more in this run, for the progress.</summary>
    public long Settled { get; set; }
}

/// <summary>A refusal that is not settled before the push has ended.</summary>
/// <param name="Rejection">How it is settled if it stays.</param>
/// <param name="IsRows">Whether it can be the change's own: the change was refused by itself, and not because of other transactions or the server's state.</param>
/// <param name="Times">How often the change was refused.</param>
/// <param name="Key">The key of a new row that misses another one, as JSON; null for any other change.</param>
internal readonly record struct HeldRefusal(Settlement Rejection, bool IsRows, int Times = 1, string? Key = null)
{
    /// <summary>Gets a value indicating whether it came again: one bad answer is no row's fault.</summary>
    public bool Stays => Times > 1;
}
