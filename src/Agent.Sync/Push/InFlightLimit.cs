namespace Agent.Sync.Push;

/// <summary>How many requests are under way at once: one at first, more while waiting for them takes longer than the work here, one again when the server struggles.</summary>
internal sealed class InFlightLimit(int max)
{
    public int Requests { get; private set; } = 1;

    /// <summary>Notes a unit that came back.</summary>
    /// <param name="waited">How long its requests took.</param>
    /// <param name="worked">How long taking and settling changes took meanwhile.</param>
    /// <returns>Whether the limit changed.</returns>
    public bool Note(TimeSpan waited, TimeSpan worked)
    {
        if (Requests == max || waited <= worked * Requests)
        {
            return false;
        }

        Requests++;
        return true;
    }

    /// <summary>Goes back to one request at a time.</summary>
    /// <returns>Whether the limit changed.</returns>
    public bool Reset()
    {
        var changed = Requests > 1;
        Requests = 1;
        return changed;
    }
}
