using Agent.Sync.Testing;

namespace Agent.Sync.Tests.Testing;

public sealed class RecordingProgressTests
{
    [Fact]
    public void VerifyMonotonic_RisingSnapshots_Passes()
    {
        var progress = new RecordingProgress();
        progress.Report(Snapshot(1, 0));
        progress.Report(Snapshot(2, 10));
        progress.Report(Snapshot(3, 10) with { Phase = SyncPhase.Completed });
        progress.Report(Snapshot(4, 0) with { Dataset = "other" });

        progress.VerifyMonotonic();

        Assert.Equal(4, progress.Snapshots.Count);
    }

    [Fact]
    public void VerifyMonotonic_PushBetweenTwoPulls_IsCountedByItself()
    {
        var progress = new RecordingProgress();
        progress.Report(Snapshot(1, 10));
        progress.Report(Snapshot(2, 3) with { Phase = SyncPhase.Push });
        progress.Report(Snapshot(3, 11));
        progress.VerifyMonotonic();

        progress.Report(Snapshot(4, 2) with { Phase = SyncPhase.Push });
        Assert.Throws<ConformanceException>(progress.VerifyMonotonic);
    }

    [Fact]
    public void VerifyMonotonic_AnythingThatFallsBack_Throws()
    {
        SyncProgress[] bad =
        [
            Snapshot(3, 20),
            Snapshot(2, 9),
            Snapshot(2, 20) with { Phase = SyncPhase.NotStarted },
            Snapshot(2, 20) with { Fraction = 0.01 },
            Snapshot(2, 20) with { Fraction = 1.01 },
            Snapshot(2, 20) with { Total = null },
            Snapshot(2, 20) with { Elapsed = TimeSpan.Zero },
            Snapshot(2, 20) with { Bytes = 0 },
            Snapshot(2, 20) with { Pages = 0 },
            Snapshot(2, 20) with { Retries = 0 },
        ];

        foreach (var second in bad)
        {
            var progress = new RecordingProgress();
            progress.Report(Snapshot(1, 10));
            progress.Report(second);
            Assert.Throws<ConformanceException>(progress.VerifyMonotonic);
        }
    }

    private static SyncProgress Snapshot(long sequence, long completed) => new()
    {
        Sequence = sequence,
        Dataset = "items",
        Phase = SyncPhase.Backfill,
        Completed = completed,
        Total = 100,
        Fraction = completed / 100.0,
        RowsPerSecond = null,
        EstimatedTimeLeft = null,
        Elapsed = TimeSpan.FromSeconds(sequence),
        Bytes = 100,
        Pages = 1,
        Retries = 1,
        MemoryBytes = 1,
    };
}
