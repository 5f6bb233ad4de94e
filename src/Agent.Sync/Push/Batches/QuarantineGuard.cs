namespace Agent.Sync.Push.Batches;

/// <summary>Stops a run whose changes are rejected in numbers: that is rarely about the rows. Safe for concurrent use.</summary>
internal sealed class QuarantineGuard(PushOptions options, long quarantinedBefore)
{
    /// <summary>A share of a handful says nothing.</summary>
    private const int RejectionsBeforeShare = 20;

    private long _sent;
    private long _rejected;

    public long Rejected => Interlocked.Read(ref _rejected);

    public long Quarantined => quarantinedBefore + Rejected;

    public bool IsFull
    {
        get
        {
            var rejected = Rejected;
            return rejected > 0
                && (Quarantined > options.MaxQuarantined
                    || (rejected >= RejectionsBeforeShare && rejected > options.MaxQuarantinedShare * Interlocked.Read(ref _sent)));
        }
    }

    /// <summary>Counts changes that are about to be sent. A batch counts as a whole: its rejected rows may all be found first.</summary>
    public void CountSent(int changes) => Interlocked.Add(ref _sent, changes);

    public void CountRejected() => Interlocked.Increment(ref _rejected);
}
