namespace Agent.Sync.Push.Batches;

/// <summary>Whether nothing more is to be sent, although nothing failed.</summary>
internal sealed class PushStop(QuarantineGuard quarantine, RefusalSearch refusals, CancellationToken timeOver)
{
    public QuarantineGuard Quarantine => quarantine;

    public RefusalSearch Refusals => refusals;

    public bool IsTimeOver => timeOver.IsCancellationRequested;

    public bool IsRequested => IsTimeOver || quarantine.IsFull || refusals.IsHopeless;
}
