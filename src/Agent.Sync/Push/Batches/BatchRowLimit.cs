namespace Agent.Sync.Push.Batches;

/// <summary>How many changes go into one batch: <see cref="PushOptions.BatchRows"/>, or fewer while that is too much for the server. The bound in bytes is <see cref="BatchBounds"/>'s. Safe for concurrent use.</summary>
internal sealed class BatchRowLimit
{
    private const int BatchesBeforeGrowing = 16;

    private readonly Lock _gate = new();
    private readonly int _configured;
    private int _changes;
    private int _calm;
    private int _shrunk;

    public BatchRowLimit(int configured)
    {
        _configured = configured;
        _changes = configured;
    }

    public int Current => Volatile.Read(ref _changes);

    /// <summary>Gets how often it shrank.</summary>
    public int Shrunk => Volatile.Read(ref _shrunk);

    /// <summary>Lowers the limit to the given number, unless it is lower already.</summary>
    public void Shrink(int changes)
    {
        lock (_gate)
        {
            _shrunk++;
            _changes = Math.Max(1, Math.Min(_changes, changes));
            _calm = 0;
        }
    }

    /// <summary>Records a batch that was answered; after several full ones the limit grows again.</summary>
    public void RecordAnswered(int changes)
    {
        lock (_gate)
        {
            if (_changes < _configured && changes >= _changes && ++_calm >= BatchesBeforeGrowing)
            {
                _changes = Math.Min(_configured, _changes * 2);
                _calm = 0;
            }
        }
    }
}
