using Agent.Sync.Push.Batches;

namespace Agent.Sync.Push.Sending;

/// <summary>How many rows of one batch are looked for one by one that only wait for others.</summary>
internal sealed class PutOffLimit
{
    private const int Enough = 20;

    private int _putOff;
    private int _passed;

    /// <summary>Gets a value indicating whether so many were found, and hardly anything else, that the rest will be the same.</summary>
    public bool IsReached => _putOff >= Enough && _putOff > _passed;

    /// <summary>Notes changes that went through.</summary>
    public void Note(int passed) => _passed += passed;

    /// <summary>Notes what became of a single change.</summary>
    public void Note(VerdictKind kind) => _putOff += kind == VerdictKind.Deferred ? 1 : 0;
}
