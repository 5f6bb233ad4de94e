namespace Agent.Sync.Push.Batches;

/// <summary>How many changes go into one request: the configured number, fewer while that is too much for the server. Safe for concurrent use.</summary>
internal sealed class BatchLimit
{
    private const int BatchesBeforeGrowing = 16;

    private readonly Lock _gate = new();
    private readonly int _configured;
    private int _changes;
    private int _calm;
    private int _shrunk;

    public BatchLimit(int configured)
    {
        _configured = configured;
        _changes = configured;
    }

    public int Changes => Volatile.Read(ref _changes);

    /// <summary>Gets how often it shrank.</summary>
    public int Shrunk => Volatile.Read(ref _shrunk);

    /// <summary>Notes that so many changes at once were too many, so no more than half of them go again.</summary>
    public void Shrink(int changes)
    {
        lock (_gate)
        {
            _shrunk++;
            _changes = Math.Max(1, Math.Min(_changes, changes));
            _calm = 0;
        }
    }

    /// <summary>Notes a batch that was answered; after several full ones it grows again.</summary>
    public void Note(int changes)
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
