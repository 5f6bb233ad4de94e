namespace Agent.Sync.Tests;

/// <summary>What an app prints of a result is readable, lists too.</summary>
public sealed class RecordTextTests
{
    private static readonly SyncResult Finished = new()
    {
        Outcome = SyncOutcome.Completed,
        Grade = CompletenessGrade.Exact,
        Datasets =
        [
            new DatasetResult { Dataset = "artifacts", Outcome = SyncOutcome.Completed, Grade = CompletenessGrade.Exact, Applied = 12_000, Conflicts = 1, HasMore = true },
            new DatasetResult { Dataset = "notes", Outcome = SyncOutcome.Completed, Grade = CompletenessGrade.Exact },
        ],
        Duration = TimeSpan.FromSeconds(1.5),
        PeakMemoryBytes = 1_000_000,
    };

    [Fact]
    public void ToString_Status_IsALineOfTheDatasets()
    {
        var status = new SyncStatus(
        [
            new DatasetStatus { Dataset = "artifacts", Phase = SyncPhase.Delta, Pending = 3, Parked = 1 },
            new DatasetStatus { Dataset = "notes", Phase = SyncPhase.NotStarted },
        ]);

        Assert.Equal("artifacts: Delta (Overlap), 3 pending, 1 parked; notes: NotStarted", status.ToString());
    }

    [Fact]
    public void ToString_Result_IsALineOfWhatMoved()
    {
        Assert.Equal("Completed (Exact) in 1.5 s. artifacts: 12,000 applied, 1 conflict, more to come; notes: nothing changed", Finished.ToString());
    }

    [Fact]
    public void ToString_ResultThatStopped_NamesTheDatasetAndWhy()
    {
        var result = Finished with
        {
            Outcome = SyncOutcome.ResyncRequired,
            Datasets = [Finished.Datasets[1] with { Outcome = SyncOutcome.ResyncRequired, ResyncReason = ResyncReason.FilterChanged }],
        };

        Assert.Equal("ResyncRequired (Exact) in 1.5 s. notes (ResyncRequired: FilterChanged): nothing changed", result.ToString());
    }

    [Fact]
    public void ToString_Progress_IsALineForAScreen()
    {
        var progress = new SyncProgress
        {
            Sequence = 4,
            Dataset = "artifacts",
            Phase = SyncPhase.Backfill,
            Completed = 12_999,
            Total = 100_000,
            Fraction = 0.12999,
            RowsPerSecond = 25_000.4,
            EstimatedTimeLeft = TimeSpan.FromSeconds(200),
            Elapsed = TimeSpan.FromSeconds(1),
            Bytes = 1,
            Pages = 1,
            Retries = 0,
            MemoryBytes = 1,
        };

        Assert.Equal("artifacts: Backfill, 12,999 of 100,000 (12 %), 25,000/s, 3 min 20 s left", progress.ToString());
        Assert.Equal(
            "artifacts: Backfill, 12,999",
            (progress with { Total = null, Fraction = null, RowsPerSecond = null, EstimatedTimeLeft = null }).ToString());
    }

    [Theory]
    [InlineData(SyncPhase.Delta, 0.0, "artifacts: Delta, nothing so far")]
    [InlineData(SyncPhase.Completed, 1.0, "artifacts: Completed, nothing to do")]
    public void Progress_NothingExpected_DoesNotCountNothing(SyncPhase phase, double fraction, string text)
    {
        SyncProgress progress = new()
        {
            Sequence = 1,
            Dataset = "artifacts",
            Phase = phase,
            Completed = 0,
            Total = 0,
            Fraction = fraction,
            RowsPerSecond = null,
            EstimatedTimeLeft = TimeSpan.Zero,
            Elapsed = TimeSpan.Zero,
            Bytes = 0,
            Pages = 0,
            Retries = 0,
            MemoryBytes = 0,
        };

        Assert.Equal(text, progress.ToString());
    }

    [Theory]
    [InlineData(0.0004, "0 ms")]
    [InlineData(0.85, "850 ms")]
    [InlineData(59.9, "59.9 s")]
    [InlineData(3599, "59 min 59 s")]
    [InlineData(90_061, "25 h 1 min")]
    public void Time_OfAnyLength_HasTheUnitsThatMatter(double seconds, string expected) =>
        Assert.Equal(expected, RecordText.Time(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void EnsureCompleted_OfACompletedRun_ReturnsIt() => Assert.Same(Finished, Finished.EnsureCompleted());

    [Theory]
    [InlineData(SyncOutcome.CompletedWithQuarantine, "RetryChanges", false)]
    [InlineData(SyncOutcome.QuarantineFull, "RetryChanges", false)]
    [InlineData(SyncOutcome.TimeBudgetReached, "run again", true)]
    [InlineData(SyncOutcome.ResyncRequired, "(FilterChanged): if that was meant, run once with FullResync", false)]
    [InlineData(SyncOutcome.UserChanged, "one store per user", false)]
    [InlineData(SyncOutcome.MassDeleteRefused, "AllowMassDelete", false)]
    [InlineData(SyncOutcome.UnrecordedEditsHeld, "DiscardChanges", false)]
    public void EnsureCompleted_OfAnyOtherOutcome_SaysWhatToDo(SyncOutcome outcome, string advice, bool isTransient)
    {
        var result = Finished with
        {
            Outcome = outcome,
            Datasets = [Finished.Datasets[0], Finished.Datasets[1] with { Outcome = outcome, ResyncReason = ResyncReason.FilterChanged, Quarantined = 2 }],
        };

        var exception = Assert.Throws<SyncIncompleteException>(result.EnsureCompleted);

        Assert.Same(result, exception.Result);
        Assert.Equal((SyncErrorKind.Incomplete, "notes", isTransient), (exception.Kind, exception.Dataset, exception.IsTransient));
        Assert.Contains(outcome.ToString(), exception.Message, StringComparison.Ordinal);
        Assert.Contains(advice, exception.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(null, "Datasets = null")]
    [InlineData("artifacts notes", "Datasets = [artifacts, notes]")]
    public void ToString_Request_PrintsTheNames(string? names, string text)
    {
        var request = new SyncRequest { Datasets = names?.Split(' '), PageSize = 50 };

        Assert.Contains(text, request.ToString(), StringComparison.Ordinal);
        Assert.Contains("PageSize = 50", request.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('`', request.ToString());
    }
}
