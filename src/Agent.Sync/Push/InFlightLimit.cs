namespace Agent.Sync.Push;

/// <summary>How many requests are under way at once: one at first, more while waiting for the server takes longer than the local work, one again when the server struggles.</summary>
internal sealed class InFlightLimit(int max)
{
    private int _older;

    public int Requests { get; private set; } = 1;

    /// <summary>Records a batch that came back.</summary>
    /// <param name="waited">How long its requests took.</param>
    /// <param name="worked">How long taking and settling changes took meanwhile.</param>
    /// <returns>Whether the limit changed.</returns>
    public bool RecordReturn(TimeSpan waited, TimeSpan worked)
    {
        if (_older > 0)
        {
            _older--;
            return false;
        }

        if (Requests == max || waited <= worked * Requests)
        {
            return false;
        }

        Requests++;
        return true;
    }

    /// <summary>Goes back to one request at a time.</summary>
    /// <param name="underWay">How many are still under way: they say nothing about the new pace.</param>
    /// <returns>Whether the limit changed.</returns>
    public bool Reset(int underWay)
    {
        var changed = Requests > 1;
        _older = underWay;
        Requests = 1;
        return changed;
    }
}
