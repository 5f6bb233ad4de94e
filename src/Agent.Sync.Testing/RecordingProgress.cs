using Agent.Sync.Testing.Conformance;

namespace Agent.Sync.Testing;

/// <summary>Keeps every progress snapshot, on the thread that reports it, and checks that none goes backwards.</summary>
/// <remarks>Safe for concurrent use.</remarks>
public sealed class RecordingProgress : IProgress<SyncProgress>
{
    private readonly Lock _gate = new();
    private readonly List<SyncProgress> _snapshots = [];

    /// <summary>Gets or sets what runs on every snapshot before it is kept; null, the default, for nothing. What it throws reaches the reporter.</summary>
    public Action<SyncProgress>? OnReport { get; set; }

    /// <summary>Gets the snapshots so far.</summary>
    public IReadOnlyList<SyncProgress> Snapshots
    {
        get
        {
            lock (_gate)
            {
                return [.. _snapshots];
            }
        }
    }

    /// <inheritdoc/>
    public void Report(SyncProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        OnReport?.Invoke(value);
        lock (_gate)
        {
            _snapshots.Add(value);
        }
    }

    /// <summary>Checks every pair of neighbours: numbers rise by one, and within a dataset and a direction no count, share, time or phase goes back.</summary>
    /// <exception cref="ConformanceException">A snapshot went backwards or holds an impossible value.</exception>
    public void VerifyMonotonic()
    {
        var snapshots = Snapshots;
        var lastOf = new Dictionary<(string Dataset, bool IsPush), SyncProgress>();
        for (var index = 0; index < snapshots.Count; index++)
        {
            var now = snapshots[index];
            Expect.Equal(index == 0 ? 1 : snapshots[index - 1].Sequence + 1, now.Sequence, "the snapshot's number");
            Expect.That(now.Fraction is null or (>= 0 and <= 1), $"the fraction of snapshot {now.Sequence} is between 0 and 1");
            Expect.That(now.Total is not null || now.Fraction is null, $"snapshot {now.Sequence} has no fraction without a total");
            if (index > 0)
            {
                VerifyRun(snapshots[index - 1], now);
            }

            var stream = (now.Dataset, now.Phase == SyncPhase.Push);
            if (lastOf.TryGetValue(stream, out var last))
            {
                VerifyDataset(last, now);
            }

            lastOf[stream] = now;
        }
    }

    private static void VerifyRun(SyncProgress last, SyncProgress now)
    {
        Expect.That(now.Elapsed >= last.Elapsed, $"the elapsed time of snapshot {now.Sequence} does not go back");
        Expect.That(now.Retries >= last.Retries, $"the retries of snapshot {now.Sequence} do not go back");
    }

    private static void VerifyDataset(SyncProgress last, SyncProgress now)
    {
        Expect.That(now.Completed >= last.Completed, $"the rows of snapshot {now.Sequence} do not go back");
        Expect.That(now.Bytes >= last.Bytes, $"the bytes of snapshot {now.Sequence} do not go back");
        Expect.That(now.Pages >= last.Pages, $"the pages of snapshot {now.Sequence} do not go back");
        Expect.That(now.Phase >= last.Phase, $"the phase of snapshot {now.Sequence} does not go back");
        Expect.That(now.Fraction is null || last.Fraction is null || now.Fraction >= last.Fraction, $"the fraction of snapshot {now.Sequence} does not go back");
    }
}
