using System.Globalization;
using Agent.Sync.Testing;

namespace Agent.Sync.Tests.Engine;

/// <summary>Deletes that a delta brings, in numbers: with tombstones, and with a deletion column.</summary>
public sealed class DeleteGuardTests : IDisposable
{
    private static readonly Dataset Things = Dataset.Define("things")
        .Key("id", ColumnType.Integer).Column("name", ColumnType.Text).UpdatedAt("updated_at").DeletedAt("deleted_at").Build();

    private TwoWayHarness? _harness;

    public void Dispose() => _harness?.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_DeletesOfMoreThanTheShare_AreRefusedWholeUntilTheyAreAllowed(bool kit)
    {
        var harness = await OpenAsync(kit, 3_000);
        Delete(kit, 1, 1_501);

        var refused = await harness.SyncAsync();
        var rows = harness.Store.GetRows("things").Count;
        var again = await harness.SyncAsync();
        var exception = Assert.Throws<SyncIncompleteException>(again.EnsureCompleted);
        var allowed = await harness.Engine.SyncAsync(new SyncRequest { AllowMassDelete = true }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((SyncOutcome.MassDeleteRefused, 0L, 3_000), (refused.Outcome, refused.Deleted, rows));
        Assert.Equal((SyncOutcome.MassDeleteRefused, 0L), (again.Outcome, again.Deleted));
        Assert.Contains(nameof(SyncRequest.AllowMassDelete), exception.Message, StringComparison.Ordinal);
        Assert.Equal((SyncOutcome.Completed, 1_501L), (allowed.Outcome, allowed.Deleted));
        Assert.Equal(1_499, harness.Store.GetRows("things").Count);
        Assert.Equal(SyncOutcome.Completed, (await harness.SyncAsync()).Outcome);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_DeletesOfTheShare_AreApplied(bool kit)
    {
        var harness = await OpenAsync(kit, 3_000);
        Delete(kit, 1, 1_500);

        Assert.Equal((SyncOutcome.Completed, 1_500L), await OutcomeAsync(harness));
    }

    /// <summary>In a small table a large share is an ordinary day's work.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_SmallTableEmptied_IsNoMassDelete(bool kit)
    {
        var harness = await OpenAsync(kit, 1_000);
        Delete(kit, 1, 1_000);

        Assert.Equal((SyncOutcome.Completed, 1_000L), await OutcomeAsync(harness));
        Assert.Empty(harness.Store.GetRows("things"));
    }

    /// <summary>Tombstones of rows that were never here remove nothing, however many they are.</summary>
    [Fact]
    public async Task SyncAsync_TombstonesOfRowsThatCameAndWent_AreNoMassDelete()
    {
        var harness = await OpenAsync(kit: true, 100);
        Insert(1_001, 2_500);
        Delete(kit: true, 1_001, 2_500);

        Assert.Equal((SyncOutcome.Completed, 0L), await OutcomeAsync(harness));
        Assert.Equal(100, harness.Store.GetRows("things").Count);
    }

    [Theory]
    [InlineData(true, 3)]
    [InlineData(false, 2)]
    public async Task SyncAsync_FewDeletes_CostNoFurtherRequest(bool kit, int requests)
    {
        var harness = await OpenAsync(kit, 150);
        await harness.SyncAsync();
        Delete(kit, 1, 90);
        var before = harness.Server.RequestCount;

        Assert.Equal((SyncOutcome.Completed, 90L), await OutcomeAsync(harness));

        // The rows' pages, the tombstones' pages, the horizon.
        Assert.Equal(kit ? requests + 1 : requests, harness.Server.RequestCount - before);
    }

    [Fact]
    public async Task SyncAsync_EstimateFarTooLow_IsRefusedStill()
    {
        var harness = await OpenAsync(kit: false, 3_000);
        harness.Server.EstimateCount = static _ => 3;
        Delete(kit: false, 1, 2_900);

        var result = await harness.SyncAsync();

        Assert.Equal(SyncOutcome.MassDeleteRefused, result.Outcome);
        Assert.True(harness.Store.GetRows("things").Count >= 2_000);
    }

    [Fact]
    public async Task SyncAsync_ShareOfOne_SwitchesTheGuardOff()
    {
        var harness = await OpenAsync(kit: true, 2_000, maxDeleteShare: 1);
        Delete(kit: true, 1, 2_000);

        Assert.Equal((SyncOutcome.Completed, 2_000L), await OutcomeAsync(harness));
    }

    [Fact]
    public async Task SyncAsync_RefusedTombstones_LetRowsThroughAndComeBackWhenTheServerTakesThemBack()
    {
        var harness = await OpenAsync(kit: true, 2_500);
        Delete(kit: true, 1, 2_000);
        Insert(5_000, 1);
        Assert.Equal(SyncOutcome.MassDeleteRefused, (await harness.SyncAsync()).Outcome);
        Assert.Equal(2_501, harness.Store.GetRows("things").Count);

        Insert(1, 2_000);
        var result = await harness.SyncAsync();

        Assert.Equal((SyncOutcome.Completed, 2_000L, 0L), (result.Outcome, result.Applied, result.Deleted));
        Assert.Equal(2_501, harness.Store.GetRows("things").Count);
    }

    private async Task<TwoWayHarness> OpenAsync(bool kit, int rows, double maxDeleteShare = 0.5)
    {
        _harness = new TwoWayHarness(kit, Things);
        _harness.Options.MaxDeleteShare = maxDeleteShare;
        _harness.Options.MaxPullRequests = 1;
        Insert(1, rows);
        Assert.Equal(rows, (await _harness.SyncAsync()).Applied);
        _harness.Time.Advance(TimeSpan.FromMinutes(10));
        return _harness;
    }

    private async Task<(SyncOutcome Outcome, long Deleted)> OutcomeAsync(TwoWayHarness harness)
    {
        var result = await harness.SyncAsync();
        return (result.Outcome, result.Deleted);
    }

    private void Insert(int from, int count)
    {
        for (var id = from; id < from + count; id++)
        {
            _harness!.Tables[0].Insert(string.Create(CultureInfo.InvariantCulture, $$"""{"id":{{id}},"name":"n"}"""));
        }
    }

    private void Delete(bool kit, int from, int count)
    {
        for (var id = from; id < from + count; id++)
        {
            var key = id.ToString(CultureInfo.InvariantCulture);
            if (kit)
            {
                _harness!.Tables[0].Delete(key);
            }
            else
            {
                _harness!.Tables[0].SoftDelete(key);
            }
        }
    }
}
