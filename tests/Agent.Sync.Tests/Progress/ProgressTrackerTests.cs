using Agent.Sync.Progress;
using Agent.Sync.Testing;
using Agent.Sync.Tests.Fakes;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace Agent.Sync.Tests.Progress;

public sealed class ProgressTrackerTests
{
    private readonly FakeTimeProvider _time = new(Items.Noon);
    private readonly RecordingProgress _progress = new();
    private readonly ListLog _log = new();

    private SyncProgress Last => _progress.Snapshots[^1];

    [Fact]
    public void Report_AnyCommitsAndTotals_NeverGoesBackwards()
    {
        Gen.Select(Gen.Int[0, 1000].Select(rows => (long)rows), Gen.Long[0, 5000].Nullable(), Gen.Int[0, 5000]).Array[0, 50].Sample(commits =>
        {
            var time = new FakeTimeProvider(Items.Noon);
            var progress = new RecordingProgress();
            var tracker = new ProgressTracker(progress, time, _log);
            tracker.Begin("items", 17);
            var pages = 0;
            foreach (var (rows, remaining, milliseconds) in commits)
            {
                time.Advance(TimeSpan.FromMilliseconds(milliseconds));
                tracker.Expect(remaining);
                tracker.Commit(rows);
                tracker.Report(SyncPhase.Backfill, ++pages, pages * 10, 0, 1);
                var last = progress.Snapshots[^1];
                Assert.True(last.Fraction is null or < 1);
                Assert.True(last.Total is null || last.Total >= last.Completed);
                Assert.True(last.EstimatedTimeLeft is null || last.EstimatedTimeLeft >= TimeSpan.Zero);
            }

            tracker.Report(SyncPhase.Completed, pages, pages * 10, 0, 1);
            progress.VerifyMonotonic();
            Assert.Equal(1, progress.Snapshots[^1].Fraction);
            Assert.Equal(TimeSpan.Zero, progress.Snapshots[^1].EstimatedTimeLeft);
        });
    }

    [Fact]
    public void Report_UntilThreeCommitsAndASecond_HasNoTimeLeft()
    {
        var tracker = Tracker(total: 1000);
        for (var commit = 0; commit < 5; commit++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(250));
            tracker.Commit(100);
            Report(tracker);
            Assert.Equal(commit < 3, Last.EstimatedTimeLeft is null);
        }

        Assert.Equal(400, Last.RowsPerSecond!.Value, 6);
        Assert.Equal(TimeSpan.FromSeconds(500 / 400.0), Last.EstimatedTimeLeft);
    }

    [Fact]
    public void Report_WithoutATotal_HasARateButNoShareAndNoTimeLeft()
    {
        var tracker = Tracker(total: null);
        for (var commit = 0; commit < 5; commit++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            tracker.Commit(10);
        }

        Report(tracker);

        Assert.Equal(10, Last.RowsPerSecond);
        Assert.Null(Last.Fraction);
        Assert.Null(Last.Total);
        Assert.Null(Last.EstimatedTimeLeft);
    }

    [Fact]
    public void Report_ResumedRows_CountAsCompletedButNotIntoTheRate()
    {
        var tracker = Tracker(total: null, resumed: 90_000);
        tracker.Expect(10_000);
        _time.Advance(TimeSpan.FromSeconds(1));
        tracker.Commit(100);
        Report(tracker);

        Assert.Equal(90_100, Last.Completed);
        Assert.Equal(100_000, Last.Total);
        Assert.Equal(100, Last.RowsPerSecond);
        Assert.Equal(0.901, Last.Fraction!.Value, 6);
    }

    [Fact]
    public void Report_MoreRowsThanExpected_KnowsNoTotalShareOrTimeLeft()
    {
        var tracker = Tracker(total: 7_000);
        for (var rows = 1_000; rows <= 20_000; rows += 1_000)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            tracker.Commit(1_000);
            Report(tracker);
            Assert.Equal(rows <= 7_000 ? 7_000 : null, Last.Total);
            Assert.Equal(rows <= 7_000 ? Math.Min(rows / 7_000.0, 0.999) : null, Last.Fraction);
            Assert.True(rows <= 7_000 || Last.EstimatedTimeLeft is null);
        }

        tracker.Report(SyncPhase.Completed, 1, 1, 0, 1);
        Assert.Equal((20_000, 1.0), (Last.Total!.Value, Last.Fraction!.Value));
        _progress.VerifyMonotonic();
    }

    [Fact]
    public void Expect_AfterAnExceededEstimate_IsBelievedAnew()
    {
        var tracker = Tracker(total: 10);
        tracker.Commit(25);

        tracker.Expect(5);
        Report(tracker);

        Assert.Equal(30, Last.Total);
    }

    [Fact]
    public void Report_AbsurdEstimate_GivesNoForecastInsteadOfFailing()
    {
        var tracker = Tracker(total: long.MaxValue / 2);
        for (var commit = 0; commit < 4; commit++)
        {
            _time.Advance(TimeSpan.FromHours(1));
            tracker.Commit(1);
            Report(tracker);
        }

        Assert.Null(Last.EstimatedTimeLeft);
    }

    [Fact]
    public void Report_CallbackThrows_GoesOnAndLogsTheTypeAlone()
    {
        _progress.OnReport = _ => throw new InvalidTimeZoneException("canary");
        var tracker = Tracker(total: 10);

        Report(tracker);

        var line = Assert.Single(_log.Lines);
        Assert.Contains("InvalidTimeZoneException", line, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Report_NobodyListens_DoesNothing()
    {
        var tracker = new ProgressTracker(null, _time, _log);
        tracker.Begin("items", 0);

        Report(tracker);

        Assert.Empty(_log.Lines);
    }

    private ProgressTracker Tracker(long? total, long resumed = 0)
    {
        var tracker = new ProgressTracker(_progress, _time, _log);
        tracker.Begin("items", resumed);
        tracker.Expect(total);
        return tracker;
    }

    private static void Report(ProgressTracker tracker) => tracker.Report(SyncPhase.Backfill, 1, 1, 0, 1);
}
