namespace Agent.Sync.Diagnostics;

/// <summary>Samples the process's working set and keeps the highest value of one run.</summary>
internal sealed class MemoryWatch(Func<long> workingSet, long limit)
{
    public long Current { get; private set; }

    public long Peak { get; private set; }

    /// <summary>Gets the last sample in percent of the configured limit.</summary>
    public double PercentOfLimit => 100.0 * Current / limit;

    public bool IsAboveLimit => Current > limit;

    public void Sample()
    {
        Current = workingSet();
        Peak = Math.Max(Peak, Current);
    }
}
