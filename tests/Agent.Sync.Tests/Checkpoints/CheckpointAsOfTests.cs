using Agent.Sync.Checkpoints;
using Agent.Sync.Tests.Fakes;

namespace Agent.Sync.Tests.Checkpoints;

public sealed class CheckpointAsOfTests
{
    private static readonly CheckpointState Delta = States.Delta("2026-03-01T11:55:00.000001+00:00");

    [Fact]
    public void AsOf_Overlap_IsTheSafePosition() =>
        Assert.Equal(Items.Noon.AddMinutes(-5).AddMicroseconds(1), Delta.AsOf);

    [Fact]
    public void AsOf_Exact_IsTheTimeOfTheHorizonAndNotAPlaceInItsSequence()
    {
        var exact = Delta with { Grade = CompletenessGrade.Exact, SafePosition = CursorPosition.AtOrAfter("900") };

        Assert.Null(exact.AsOf);
        Assert.Equal(Items.Noon, (exact with { SafeAt = Items.Noon }).AsOf);
    }

    [Fact]
    public void AsOf_ResyncOrBackfillUnderWay_IsUnknown()
    {
        Assert.Null((Delta with { Generation = 7 }).AsOf);
        Assert.Null((Delta with { Phase = SyncPhase.Backfill, SafePosition = null }).AsOf);
    }

    [Fact]
    public void AsOf_OfSeveralDatasets_IsTheEarliestAndNullWhereOneHasNone()
    {
        DatasetStatus[] statuses = [Status(Items.Noon), Status(Items.Noon.AddMinutes(-3))];
        DatasetResult[] results = [Result(Items.Noon.AddHours(-1)), Result(Items.Noon)];

        Assert.Equal(Items.Noon.AddMinutes(-3), new SyncStatus(statuses).AsOf);
        Assert.Null(new SyncStatus([.. statuses, Status(null)]).AsOf);
        Assert.Null(new SyncStatus([]).AsOf);
        Assert.Equal(Items.Noon.AddHours(-1), Of(results).AsOf);
        Assert.Null(Of([Result(null), .. results]).AsOf);
    }

    private static DatasetStatus Status(DateTimeOffset? time) => new() { Dataset = "items", Phase = SyncPhase.Delta, AsOf = time };

    private static DatasetResult Result(DateTimeOffset? time) =>
        new() { Dataset = "items", Outcome = SyncOutcome.Completed, Grade = CompletenessGrade.Overlap, AsOf = time };

    private static SyncResult Of(IReadOnlyList<DatasetResult> datasets) => new()
    {
        Outcome = SyncOutcome.Completed,
        Grade = CompletenessGrade.Overlap,
        Datasets = datasets,
        Duration = TimeSpan.Zero,
        PeakMemoryBytes = 0,
    };
}
