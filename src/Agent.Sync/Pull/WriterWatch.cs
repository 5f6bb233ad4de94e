namespace Agent.Sync.Pull;

/// <summary>Whether the store has nothing to write at the moment: only then do more requests at once make a pull faster. Safe for concurrent use.</summary>
internal sealed class WriterWatch
{
    private volatile bool _waits;

    public bool Waits
    {
        get => _waits;
        set => _waits = value;
    }
}
