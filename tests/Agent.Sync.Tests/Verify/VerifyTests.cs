using Agent.Sync.Stores;
using Agent.Sync.Testing;

namespace Agent.Sync.Tests.Verify;

/// <summary>What a verify finds and repairs without digests, against the double.</summary>
public sealed class VerifyTests : IDisposable
{
    private readonly VerifyHarness _harness = new();

    public void Dispose() => _harness.Dispose();

    [Fact]
    public async Task VerifyAsync_NothingDiffers_IsCleanAndComparesEveryRow()
    {
        await _harness.FillAsync(25);

        var result = await _harness.VerifyAsync();

        Assert.True(result.IsClean);
        Assert.Equal((VerifyOutcome.Completed, 25L, CompletenessGrade.Overlap), (result.Outcome, result.Compared, result.Grade));
    }

    [Fact]
    public async Task VerifyAsync_EmptyOnBothSides_IsClean()
    {
        await _harness.SyncAsync();

        Assert.True((await _harness.VerifyAsync(repair: true)).IsClean);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(13)]
    [InlineData(25)]
    public async Task VerifyAsync_RowLost_IsReportedThenRestored(long id)
    {
        await _harness.FillAsync(25);
        await _harness.LoseAsync(id);

        var report = await _harness.VerifyAsync();
        Assert.Equal((1L, 0L, 0L, 0L), (report.Missing, report.Stale, report.Extra, report.Restored));
        Assert.Equal(24, _harness.LocalRows.Count);

        var repair = await _harness.VerifyAsync(repair: true);

        Assert.Equal((1L, 1L), (repair.Missing, repair.Restored));
        Assert.Equal(_harness.ServerRows, _harness.LocalRows);
    }

    [Fact]
    public async Task VerifyAsync_AllRowsLost_AreRestored()
    {
        await _harness.FillAsync(250);
        await _harness.LoseAsync([.. Enumerable.Range(1, 250).Select(static id => (long)id)]);

        var result = await _harness.VerifyAsync(repair: true);

        Assert.Equal((250L, 250L), (result.Missing, result.Restored));
        Assert.Equal(_harness.ServerRows, _harness.LocalRows);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(25)]
    public async Task VerifyAsync_RowOfAnotherVersion_IsStaleThenReplaced(long id)
    {
        await _harness.FillAsync(25);
        await _harness.TamperAsync(id, "tampered");

        Assert.Equal((0L, 1L, 0L), Differences(await _harness.VerifyAsync()));
        var repair = await _harness.VerifyAsync(repair: true);

        Assert.Equal((1L, 1L), (repair.Stale, repair.Restored));
        Assert.Equal(_harness.ServerRows, _harness.LocalRows);
    }

    [Fact]
    public async Task VerifyAsync_ContentChangedUnderTheSameVersion_IsFoundByValuesOnly()
    {
        await _harness.FillAsync(5);
        await _harness.TamperAsync(_harness.LocalRows[2].Replace("row 3", "tampered", StringComparison.Ordinal));

        Assert.True((await _harness.VerifyAsync()).IsClean);
        var result = await _harness.VerifyAsync(repair: true, static options => options with { CompareValues = true });

        Assert.Equal((1L, 1L), (result.Stale, result.Restored));
        Assert.Equal(_harness.ServerRows, _harness.LocalRows);
    }

    [Theory]
    [InlineData(-5)]
    [InlineData(12)]
    [InlineData(1000)]
    public async Task VerifyAsync_RowThatTheServerLacks_IsExtraThenRemoved(long id)
    {
        await _harness.FillAsync(11);
        await _harness.TamperAsync(id, "extra");

        Assert.Equal((0L, 0L, 1L), Differences(await _harness.VerifyAsync()));
        var repair = await _harness.VerifyAsync(repair: true);

        Assert.Equal((1L, 1L), (repair.Extra, repair.Removed));
        Assert.Equal(_harness.ServerRows, _harness.LocalRows);
    }

    [Fact]
    public async Task VerifyAsync_RowThatBecameInvisible_IsExtra_AndOneThatBecameVisible_IsMissing()
    {
        using var harness = new VerifyHarness(VerifyHarness.Define().Column("owner", ColumnType.Text).Build());
        harness.Table.OwnerColumn = "owner";
        harness.Table.Insert("""{"id":1,"name":"mine","owner":"user"}""");
        harness.Table.Insert("""{"id":2,"name":"mine","owner":"user"}""");
        harness.Table.Insert("""{"id":3,"name":"theirs","owner":"other"}""");
        await harness.SyncAsync();

        // The policy's outcome changes, and no row does: as a membership table does it.
        harness.Table.OwnerColumn = null;
        var shown = await harness.VerifyAsync(repair: true);
        harness.Table.OwnerColumn = "owner";
        var hidden = await harness.VerifyAsync(repair: true);

        Assert.Equal((1L, 0L, 0L), Differences(shown));
        Assert.Equal((0L, 0L, 1L), Differences(hidden));
        Assert.Equal(harness.ServerRows, harness.LocalRows);
    }

    [Fact]
    public async Task VerifyAsync_RowWrittenByAWrongClock_IsMissingThenRestored()
    {
        await _harness.FillAsync(5);
        _harness.Table.Insert("""{"id":9,"name":"late","updated_at":"2020-01-01T00:00:00+00:00"}""");
        await _harness.SyncAsync();
        Assert.Equal(5, _harness.LocalRows.Count);

        var result = await _harness.VerifyAsync(repair: true);

        Assert.Equal((1L, 0L, 0L), Differences(result));
        Assert.Equal(_harness.ServerRows, _harness.LocalRows);
    }

    [Fact]
    public async Task VerifyAsync_RowChangedOrInsertedSinceTheSync_IsNoFaultAndIsBrought()
    {
        await _harness.FillAsync(5);
        _harness.Table.Update("""{"name":"changed"}""", "2");
        _harness.Table.Insert("""{"id":6,"name":"new"}""");

        var report = await _harness.VerifyAsync();
        var repair = await _harness.VerifyAsync(repair: true);

        Assert.True(report.IsClean);
        Assert.Equal((2L, 2L), (report.Newer, repair.Restored));
        Assert.Equal(_harness.ServerRows, _harness.LocalRows);
    }

    [Fact]
    public async Task VerifyAsync_RowWithoutAPosition_IsNamedAndLeft()
    {
        await _harness.FillAsync(3);
        _harness.Table.Insert("""{"id":7,"name":"no time","updated_at":null}""");

        var result = await _harness.VerifyAsync(repair: true);

        Assert.False(result.IsClean);
        Assert.Equal((1L, 0L), (result.WithoutPosition, result.Missing));
        Assert.Equal(3, _harness.LocalRows.Count);
    }

    [Fact]
    public async Task VerifyAsync_GuardWouldBePassed_RemovesNothingUnlessAllowed()
    {
        await _harness.FillAsync(10);
        for (var id = 100; id < 115; id++)
        {
            await _harness.TamperAsync(id, "extra");
        }

        var refused = await _harness.VerifyAsync(repair: true);
        Assert.Equal((VerifyOutcome.MassDeleteRefused, 15L, 0L), (refused.Outcome, refused.Extra, refused.Removed));
        Assert.Equal(25, _harness.LocalRows.Count);

        var allowed = await _harness.VerifyAsync(repair: true, static options => options with { AllowMassDelete = true });

        Assert.Equal((VerifyOutcome.Completed, 15L), (allowed.Outcome, allowed.Removed));
        Assert.Equal(_harness.ServerRows, _harness.LocalRows);
    }

    [Fact]
    public async Task VerifyAsync_ServerShowsNothing_RemovesNothing()
    {
        using var harness = new VerifyHarness(VerifyHarness.Define().Column("owner", ColumnType.Text).Build());
        harness.Table.Insert("""{"id":1,"name":"theirs","owner":"other"}""");
        await harness.SyncAsync();
        harness.Table.OwnerColumn = "owner";
        harness.Harness.Options.MaxDeleteShare = 1;

        var result = await harness.VerifyAsync(repair: true);

        Assert.Equal((VerifyOutcome.MassDeleteRefused, 0L), (result.Outcome, result.Compared));
        Assert.Single(harness.LocalRows);
    }

    [Fact]
    public async Task VerifyAsync_LocalEdits_KeepTheirValuesInEveryState()
    {
        await _harness.FillAsync(12);
        _harness.Store.Update(_harness.Dataset, """{"name":"edited"}""", "1");
        _harness.Store.Delete(_harness.Dataset, "2");
        _harness.Store.Insert(_harness.Dataset, """{"id":50,"name":"inserted"}""");
        _harness.Store.Update(_harness.Dataset, """{"name":"in flight"}""", "3");
        using (await _harness.Store.TakeAsync(new TakeRequest(_harness.Dataset, ChangePart.Writes, After: 0, MaxChanges: 100, MaxBytes: int.MaxValue, WholeRows: false, Lease: null), TestContext.Current.CancellationToken))
        {
            _harness.Store.Update(_harness.Dataset, """{"name":"behind it"}""", "1");
        }

        var before = _harness.LocalRows;
        var result = await _harness.VerifyAsync(repair: true);

        Assert.True(result.IsClean);
        Assert.Equal(before, _harness.LocalRows);
    }

    [Fact]
    public async Task VerifyAsync_EditOfARowThatIsStale_KeepsTheEditAndLearnsTheServersRow()
    {
        await _harness.FillAsync(3);
        await _harness.TamperAsync(2, "tampered");
        _harness.Store.Update(_harness.Dataset, """{"name":"edited"}""", "2");

        var first = await _harness.VerifyAsync(repair: true);
        var second = await _harness.VerifyAsync(repair: true);

        Assert.Equal((1L, 1L, 0L), (first.Stale, first.Restored, second.Stale));
        Assert.Contains("edited", _harness.Store.FindRow("items", "2"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task VerifyAsync_RowIsSoftDeleted_IsNotMissing()
    {
        using var harness = new VerifyHarness(VerifyHarness.Define().DeletedAt("deleted_at").Build());
        await harness.FillAsync(4);
        harness.Table.SoftDelete("2");
        await harness.SyncAsync();
        Assert.Equal(3, harness.LocalRows.Count);
        await harness.TamperAsync("""{"id":2,"name":"back","updated_at":"2026-01-01T00:00:00+00:00","deleted_at":null}""");

        var result = await harness.VerifyAsync(repair: true);
        var again = await harness.VerifyAsync();

        Assert.Equal((0L, 1L, 0L), Differences(result));
        Assert.Equal(3, harness.LocalRows.Count);
        Assert.True(again.IsClean);
    }

    [Fact]
    public async Task VerifyAsync_CustomStoreWithoutTheMembers_SaysWhatToImplement()
    {
        ILocalStore store = new MinimalStore();

        var exception = await Assert.ThrowsAsync<SyncStoreException>(async () =>
            await store.ReadKeptRowsAsync(new KeptRowsRequest(_harness.Dataset, [0], After: null, Limit: 1), TestContext.Current.CancellationToken));

        Assert.Contains("ReadKeptRowsAsync", exception.Message, StringComparison.Ordinal);
    }

    private static (long Missing, long Stale, long Extra) Differences(VerifyResult result) => (result.Missing, result.Stale, result.Extra);

    private sealed class MinimalStore : ILocalStore
    {
        public ValueTask<LocalState> PrepareAsync(Dataset dataset, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<ApplyResult> ApplyAsync(ApplyBatch batch, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<SwapResult> SwapGenerationAsync(GenerationSwap swap, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
