namespace Agent.Sync.Push;

/// <summary>Whether nothing more is to be sent, although nothing failed.</summary>
internal sealed class PushStop(QuarantineGuard quarantine, CancellationToken timeOver)
{
    public QuarantineGuard Quarantine => quarantine;

    public bool IsTimeOver => timeOver.IsCancellationRequested;

    public bool IsRequested => IsTimeOver || quarantine.IsFull;
}
