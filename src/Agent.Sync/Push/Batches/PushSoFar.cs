namespace Agent.Sync.Push.Batches;

/// <summary>What the parts of one dataset's push have in common: each goes on from what those before it did.</summary>
internal sealed class PushSoFar
{
    public PushCounts Counts { get; } = new();

    /// <summary>Gets or sets the guard of the dataset's quarantine; null until something is sent.</summary>
    public QuarantineGuard? Quarantine { get; set; }

    /// <summary>Gets the changes that refer to a row that was not there when they were last sent, or have a value that another row had. They are in flight.</summary>
    public SortedDictionary<long, HeldRefusal> Deferred { get; } = [];

    /// <summary>Gets the changes whose refusal is a row's or everybody's. They are in flight.</summary>
    public SortedDictionary<long, HeldRefusal> Undecided { get; } = [];

    /// <summary>Gets or sets the changes that an earlier run left in flight, so that an attempt of theirs may have arrived, whatever a later one is answered; null until the push begins.</summary>
    public HashSet<long>? LeftInFlight { get; set; }

    /// <summary>Gets what is known about whose fault refusals are.</summary>
    public RefusalSearch Refusals { get; } = new();

    /// <summary>Gets or sets a value indicating whether changes are sent last first: who waits for a value mostly stands before the one who gives it up.</summary>
    public bool IsBackwards { get; set; }

    /// <summary>Gets or sets the keys of new rows that wait for each other, while each is sent without its references to them; null otherwise.</summary>
    public IReadOnlySet<string>? Awaited { get; set; }

    /// <summary>Gets the operation ids of the changes of which a half is under way.</summary>
    public Dictionary<long, Guid> Halves { get; } = [];

    /// <summary>Gets or sets how many halves have gone up.</summary>
    public int HalvesSent { get; set; }

    /// <summary>Gets or sets what ends the run once the other datasets have gone up and everything has been pulled; null for nothing.</summary>
    public SyncException? Failure { get; set; }

    /// <summary>Gets a value indicating whether something is worth sending again when everything else has gone up.</summary>
    public bool WantsAnotherTry => Deferred.Count > 0
        || ((Refusals.HasWitness || Undecided.Count == 1) && Undecided.Values.Any(static held => held is { IsRows: true, Stays: false }));

    /// <summary>Gets a value indicating whether refusals are left to decide about.</summary>
    public bool HoldsRefusals => Deferred.Count > 0 || Undecided.Count > 0 || Refusals.IsHopeless || Refusals.Unanswered is not null;

    /// <summary>Gets or sets the share that the progress showed last.</summary>
    public double Fraction { get; set; }
}
