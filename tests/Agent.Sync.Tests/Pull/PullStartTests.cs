using Agent.Sync.Checkpoints;
using Agent.Sync.Kit;
using Agent.Sync.Pull;
using Agent.Sync.Stores;
using Agent.Sync.Tests.Fakes;

namespace Agent.Sync.Tests.Pull;

public sealed class PullStartTests
{

    [Fact]
    public void Decide_FullResyncOfAnotherUsersRows_KnowsNothing()
    {
        var saved = Saved with { Scope = Saved.Scope with { User = "someone else" } };
        var start = Decide(saved, local: new LocalState(States.StoreId, HasRows: false) { HasUnrecordedChanges = true }, fullResync: true);
        Assert.Equal(KnownRows.None, start.State!.Reconciles);
    }

    private const long NewGeneration = 42;

    private static readonly LocalState Filled = new(States.StoreId, HasRows: true);
    private static readonly CheckpointState Saved = States.Delta(Items.Text(0));

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, NewGeneration)]
    public void Decide_NothingSaved_StartsABackfillWhichIsAResyncOverRows(bool hasRows, long? generation)
    {
        var start = Decide(null, local: new LocalState(States.StoreId, hasRows));

        Assert.Equal(SyncPhase.Backfill, start.State!.Phase);
        Assert.Equal(generation, start.State.Generation);
        Assert.Null(start.State.Mark);
        Assert.Same(KeyRange.Everything, Assert.Single(start.State.Ranges));
    }

    [Fact]
    public void Decide_NothingChanged_GoesOnWhereItWas()
    {
        var start = Decide(Saved);

        Assert.Equal(Saved.SafePosition, start.State!.SafePosition);
        Assert.Equal(SyncPhase.Delta, start.State.Phase);
    }

    [Fact]
    public void Decide_FullResync_StartsOverWithOldRowsInPlace()
    {
        var start = Decide(Saved, fullResync: true);

        Assert.Equal(NewGeneration, start.State!.Generation);
        Assert.Null(start.State.SafePosition);
    }

    [Fact]
    public void Decide_OtherUser_IsUserChangedBeforeAnyOtherReason()
    {
        var start = Decide(Saved with { Scope = Saved.Scope with { User = "x", Filter = "x" }, StoreId = Guid.NewGuid() });

        Assert.Null(start.State);
        Assert.Equal(SyncOutcome.UserChanged, start.Outcome);
    }

    [Fact]
    public void Decide_OtherScope_NamesWhatChanged()
    {
        AssertResync(ResyncReason.ProjectChanged, Saved with { Scope = Saved.Scope with { Project = "x" } });
        AssertResync(ResyncReason.RoleChanged, Saved with { Scope = Saved.Scope with { Role = "x" } });
        AssertResync(ResyncReason.FilterChanged, Saved with { Scope = Saved.Scope with { Filter = "x" } });
        AssertResync(ResyncReason.SchemaChanged, Saved with { Scope = Saved.Scope with { Schema = "x" } });
        AssertResync(ResyncReason.StoreReplaced, Saved with { StoreId = Guid.NewGuid() });
    }

    [Fact]
    public void Decide_ColumnAdded_ReadsEverythingAgainOverTheOldRows()
    {
        var start = Decide(Saved, Items.Define().Column("extra", ColumnType.Json).Build());

        Assert.Equal(SyncPhase.Backfill, start.State!.Phase);
        Assert.Equal(NewGeneration, start.State.Generation);
        Assert.Equal(4, start.State.Columns.Count);
    }

    [Fact]
    public void Decide_ColumnRemovedAndAddedAgain_IsIgnoredAndThenNew()
    {
        var fewer = SampleDatasets.Of("items").Build();

        var removed = Decide(Saved, fewer);
        var added = Decide(removed.State!);

        Assert.Equal(SyncPhase.Delta, removed.State!.Phase);
        Assert.Equal(2, removed.State.Columns.Count);
        Assert.Equal(SyncPhase.Backfill, added.State!.Phase);
    }

    [Fact]
    public void Decide_ColumnRetyped_ThrowsNamingBothTypes()
    {
        var dataset = Dataset.Define("items").Key("id", ColumnType.Integer).Column("name", ColumnType.Numeric).UpdatedAt("updated_at").Build();

        var exception = Assert.Throws<SyncSchemaException>(() => Decide(Saved, dataset));

        Assert.Equal(SyncErrorKind.LocalSchema, exception.Kind);
        Assert.Contains("'name'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Text", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Numeric", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decide_OtherGrade_StartsOverWithOldRowsInPlace()
    {
        var kit = Kit(minRetained: 0, horizon: 1, next: 1);
        var exact = PullStart.Decide(Saved, Exact(kit), Filled, fullResync: false, NewGeneration).State!;
        var back = Decide(exact with { Phase = SyncPhase.Delta, Ranges = [], SafePosition = CursorPosition.AtOrAfter("1") }).State!;

        Assert.Equal((CompletenessGrade.Exact, "epoch", NewGeneration), (exact.Grade, exact.Epoch, exact.Generation));
        Assert.Equal((CompletenessGrade.Overlap, null, NewGeneration), (back.Grade, back.Epoch, back.Generation));
        Assert.All([exact, back], static state => Assert.Equal(SyncPhase.Backfill, state.Phase));
    }

    [Theory]
    [InlineData("epoch", 0, 50, 50, ResyncReason.None)]
    [InlineData("other", 0, 50, 50, ResyncReason.EpochChanged)]
    [InlineData("epoch", 0, 51, 50, ResyncReason.EpochChanged)]
    [InlineData("epoch", 0, 50, 51, ResyncReason.EpochChanged)]
    [InlineData("epoch", 40, 50, 40, ResyncReason.None)]
    [InlineData("epoch", 41, 50, 40, ResyncReason.TombstonesPurged)]
    public void Decide_PositionOfTheKit_FitsItsHistoryOrSaysWhyNot(string epoch, long minRetained, long rows, long tombstones, ResyncReason reason)
    {
        var kit = Kit(minRetained, horizon: 50, next: 60);
        var saved = Saved with
        {
            Grade = CompletenessGrade.Exact,
            Epoch = epoch,
            Columns = Items.Dataset.Sequenced().Columns,
            SafePosition = CursorPosition.AtOrAfter(CursorNumber.FormatInteger(rows)),
            SafeTombstonePosition = CursorPosition.AtOrAfter(CursorNumber.FormatInteger(tombstones)),
        };

        var start = PullStart.Decide(saved, Exact(kit), Filled, fullResync: false, NewGeneration);
        var healed = PullStart.Decide(saved, Exact(kit), Filled, fullResync: true, NewGeneration);

        Assert.Equal(reason, start.Reason);
        Assert.Equal(reason == ResyncReason.None, start.State is not null);
        Assert.Equal(SyncPhase.Backfill, healed.State!.Phase);
    }

    [Fact]
    public void Decide_MarkOfAnInterruptedBackfill_IsCheckedAsAPosition()
    {
        var kit = Kit(minRetained: 41, horizon: 50, next: 60);
        var saved = States.Backfill() with
        {
            Grade = CompletenessGrade.Exact,
            Epoch = "epoch",
            Mark = "40",
            Columns = Items.Dataset.Sequenced().Columns,
        };

        Assert.Equal(ResyncReason.TombstonesPurged, PullStart.Decide(saved, Exact(kit), Filled, fullResync: false, NewGeneration).Reason);
        Assert.NotNull(PullStart.Decide(saved with { Mark = null }, Exact(kit), Filled, fullResync: false, NewGeneration).State);
    }

    [Fact]
    public void Decide_EditsWereNotRecorded_LooksForThemOnceAndRemembersWhatWasKnown()
    {
        var local = new LocalState(States.StoreId, HasRows: false) { HasUnrecordedChanges = true };

        var first = Decide(Saved, local: local).State!;
        var resumed = Decide(first with { Mark = "x" }, local: local).State!;
        var unknown = Decide(null, local: local).State!;

        Assert.Equal((NewGeneration, new KnownRows("updated_at", Saved.SafePosition!.CursorValue)), (first.Generation, first.Reconciles));
        Assert.Equal(("x", first.Reconciles), (resumed.Mark, resumed.Reconciles));
        Assert.Equal(KnownRows.None, unknown.Reconciles);
    }

    [Fact]
    public void Decide_StoreDemandsAnotherReading_StartsOverOnceForEachDemand()
    {
        var local = Filled with { Reread = 7 };

        var first = Decide(Saved, local: local).State!;
        var resumed = Decide(first with { Mark = "x" }, local: local).State!;
        var again = Decide(first with { Mark = "x" }, local: local with { Reread = 8 }).State!;
        var done = Decide(Saved with { Reread = 8 }, local: Filled).State!;

        Assert.Equal((SyncPhase.Backfill, NewGeneration, 7L), (first.Phase, first.Generation, first.Reread));
        Assert.Equal(("x", 7L), (resumed.Mark, resumed.Reread));
        Assert.Equal((null, 8L), (again.Mark, again.Reread));
        Assert.Equal(SyncPhase.Delta, done.Phase);
    }

    [Fact]
    public void Decide_EditsMissedAgainWhileTheyAreLookedFor_StartsOverAndKnowsWhatWasKnown()
    {
        var local = Filled with { HasUnrecordedChanges = true, Reread = 1 };
        var first = Decide(Saved, local: local).State!;

        var again = Decide(first with { Mark = "x" }, local: local with { Reread = 2 }).State!;

        Assert.Equal((null, first.Reconciles), (again.Mark, again.Reconciles));
    }

    [Theory]
    [InlineData(7L, "x")]
    [InlineData(0L, null)]
    [InlineData(8L, null)]
    [InlineData(null, "x")]
    public void Decide_StoreKnowsAnotherResync_StartsOverSinceItsEndWouldRemoveWhatThisOneBrought(long? known, string? mark)
    {
        var underWay = States.Delta(Items.Text(0)) with { Generation = 7, Mark = "x" };

        var start = Decide(underWay, local: Filled with { Generation = known }).State!;

        Assert.Equal((mark is null ? NewGeneration : 7, mark), (start.Generation, start.Mark));
    }

    [Fact]
    public void Decide_NoResyncUnderWay_DoesNotMindWhichTheStoreKnows() =>
        Assert.Equal(SyncPhase.Delta, Decide(Saved, local: Filled with { Generation = 9 }).State!.Phase);

    private static PullScope Exact(KitDataset kit) => new(Items.Dataset, States.Scope, kit);

    private static KitDataset Kit(long minRetained, long horizon, long next)
    {
        var rows = Items.Dataset.Sequenced();
        return new KitDataset(
            Items.Dataset, rows, rows.Tombstones(HorizonCall.Schema, "items"), new KitTable("epoch", minRetained, "items"), new Horizon(horizon, next, Items.Noon, HeldSince: null));
    }

    private static void AssertResync(ResyncReason reason, CheckpointState saved)
    {
        var start = Decide(saved);

        Assert.Null(start.State);
        Assert.Equal(SyncOutcome.ResyncRequired, start.Outcome);
        Assert.Equal(reason, start.Reason);
    }

    private static PullStart Decide(CheckpointState? saved, Dataset? dataset = null, LocalState? local = null, bool fullResync = false) =>
        PullStart.Decide(saved, new PullScope(dataset ?? Items.Dataset, States.Scope, Kit: null), local ?? Filled, fullResync, NewGeneration);
}
