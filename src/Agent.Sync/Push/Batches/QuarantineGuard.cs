namespace Agent.Sync.Push.Batches;

/// <summary>Stops a push of which many changes are rejected: that is rarely about the rows. Safe for concurrent use.</summary>
internal sealed class QuarantineGuard(PushOptions options)
{
    /// <summary>A share of only a few changes means nothing.</summary>
    private const int RejectionsBeforeShare = 20;

    private long? _before;
    private long _sent;
    private long _rejected;

    public long Rejected => Interlocked.Read(ref _rejected);

    public long Quarantined => (_before ?? 0) + Rejected;

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

    /// <summary>Takes over how many changes were in quarantine before the push. Only the first call counts; nothing is under way yet.</summary>
    public void StartFrom(long quarantined) => _before ??= quarantined;

    /// <summary>Counts changes that are about to be sent. A batch counts as a whole: its rejected rows may all be found first.</summary>
    public void CountSent(int changes) => Interlocked.Add(ref _sent, changes);

    public void CountRejected() => Interlocked.Increment(ref _rejected);
}
