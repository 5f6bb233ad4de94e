using Agent.Sync.Stores;

namespace Agent.Sync.Tests.Engine;

/// <summary>Rows that refer to rows of other datasets, in both directions: no order of the datasets is right for them all.</summary>
public sealed class MissingParentTests
{
    private static readonly Dataset Teams = Define("teams", "leader_id");
    private static readonly Dataset People = Define("people", "team_id");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SyncAsync_ParentIsInALaterDataset_ArrivesInTheSameRun(bool kit)
    {
        using var harness = Start(kit);
        harness.Store.Insert(Teams, """{"id":1,"leader_id":1}""");
        harness.Store.Insert(People, """{"id":1}""");

        var result = await harness.SyncAsync();

        Assert.Equal(SyncOutcome.Completed, result.Outcome);
        Assert.NotNull(harness.Tables[0].FindRow("1"));
        Assert.Equal((2, 0), (result.Datasets.Sum(static dataset => dataset.Pushed), result.Datasets.Sum(static dataset => dataset.Rejected)));
        Assert.Empty(await harness.ChangesAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SyncAsync_ChainAcrossTheDatasets_ArrivesInTheSameRun(bool kit)
    {
        using var harness = Start(kit);
        for (var id = 1; id <= 4; id++)
        {
            harness.Store.Insert(Teams, $$"""{"id":{{id}},"leader_id":{{id}}}""");
            harness.Store.Insert(People, id == 4 ? """{"id":4}""" : $$"""{"id":{{id}},"team_id":{{id + 1}}}""");
        }

        var result = await harness.SyncAsync();

        Assert.Equal(SyncOutcome.Completed, result.Outcome);
        Assert.Equal((4, 4), (harness.Tables[0].Count, harness.Tables[1].Count));
        Assert.Empty(await harness.ChangesAsync());
        Assert.Empty(await harness.ChangesAsync(1));
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 1)]
    [InlineData(false, 3)]
    [InlineData(true, 3)]
    public async Task SyncAsync_NewRowsReferToEachOther_ArriveInTheSameRun(bool kit, int pairs)
    {
        using var harness = Start(kit);
        for (var id = 1; id <= pairs; id++)
        {
            harness.Store.Insert(Teams, $$"""{"id":{{id}},"leader_id":{{id + 10}}}""");
            harness.Store.Insert(People, $$"""{"id":{{id + 10}},"team_id":{{id}}}""");
        }

        harness.Store.Insert(Teams, """{"id":90,"leader_id":91}""");

        var result = await harness.SyncAsync();

        // A row whose parent never comes stays the one that is refused.
        Assert.Equal("""{"id":90}""", Assert.Single(await harness.ChangesAsync()).Key);
        Assert.Empty(await harness.ChangesAsync(1));
        Assert.Equal((pairs, pairs), (harness.Tables[0].Count, harness.Tables[1].Count));
        Assert.Equal(SyncOutcome.CompletedWithQuarantine, result.Outcome);
        Assert.All(harness.Tables[0].VisibleRows("user"), static row => Assert.DoesNotContain("\"leader_id\":null", row, StringComparison.Ordinal));
        Assert.All(harness.Tables[1].VisibleRows("user"), static row => Assert.DoesNotContain("\"team_id\":null", row, StringComparison.Ordinal));
        Assert.Contains("\"leader_id\":11", harness.Store.FindRow("teams", "1"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SyncAsync_HalfOfARowIsThereFromALostRun_ItsReferenceFollows(bool kit)
    {
        using var harness = Start(kit);
        harness.Tables[0].Insert("""{"id":1,"leader_id":null}""");
        harness.Store.Insert(Teams, """{"id":1,"leader_id":11}""");
        harness.Store.Insert(People, """{"id":11,"team_id":1}""");
        (await harness.Store.TakeAsync(new TakeRequest(Teams, ChangePart.Writes, 0, 10, 1_000, WholeRows: false, Lease: null), TestContext.Current.CancellationToken)).Dispose();

        var result = await harness.SyncAsync();

        Assert.Equal((SyncOutcome.Completed, 0), (result.Outcome, result.Datasets[0].Conflicts));
        Assert.Contains("\"leader_id\":11", harness.Tables[0].FindRow("1"), StringComparison.Ordinal);
        Assert.Contains("\"leader_id\":11", harness.Store.FindRow("teams", "1"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SyncAsync_NewRowsMustReferToEachOther_AreQuarantined(bool kit)
    {
        using var harness = Start(kit);
        harness.Tables[0].AddNotNull("leader_id");
        harness.Tables[1].AddNotNull("team_id");
        harness.Store.Insert(Teams, """{"id":1,"leader_id":11}""");
        harness.Store.Insert(People, """{"id":11,"team_id":1}""");

        await harness.SyncAsync();

        Assert.All(await harness.ChangesAsync(), static change => Assert.Equal((ChangeState.Quarantined, "23503"), (change.State, change.Code)));
        Assert.All(await harness.ChangesAsync(1), static change => Assert.Equal((ChangeState.Quarantined, "23503"), (change.State, change.Code)));
        Assert.Contains("\"leader_id\":11", harness.Store.FindRow("teams", "1"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SyncAsync_DeletedRowsReferToEachOtherAcrossDatasets_AreGoneInTheSameRun(bool kit)
    {
        using var harness = Start(kit);
        harness.Tables[1].Insert("""{"id":1}""");
        harness.Tables[0].Insert("""{"id":1,"leader_id":1}""");
        await harness.SyncAsync();
        harness.Store.Delete(Teams, "1");
        harness.Store.Delete(People, "1");

        var result = await harness.SyncAsync();

        Assert.Equal(SyncOutcome.Completed, result.Outcome);
        Assert.Equal((0, 0), (harness.Tables[0].Count, harness.Tables[1].Count));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SyncAsync_ParentNeverComes_IsQuarantinedAtTheEndOfThePush(bool kit)
    {
        using var harness = Start(kit);
        harness.Store.Insert(Teams, """{"id":1,"leader_id":7}""");
        harness.Store.Insert(People, """{"id":1}""");

        var result = await harness.SyncAsync();

        var change = Assert.Single(await harness.ChangesAsync());
        Assert.Equal((ChangeState.Quarantined, "23503"), (change.State, change.Code));
        Assert.Equal((SyncOutcome.CompletedWithQuarantine, 1, 1), (result.Outcome, result.Datasets[0].Rejected, result.Datasets[1].Pushed));

        // Once in its turn, and once more after everything else; then nothing went up that it could refer to.
        Assert.Equal(2, harness.Server.Requests.Count(static request => request.Body.Contains("leader_id\":7", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SyncAsync_EditedToAnotherParentMeanwhile_SendsTheEdit(bool kit)
    {
        using var harness = Start(kit);
        harness.Store.Insert(Teams, """{"id":1,"leader_id":7}""");
        harness.Store.Insert(People, """{"id":1}""");
        harness.During(static request => request.Body.Contains("leader_id\":7", StringComparison.Ordinal), () => harness.Store.Update(Teams, """{"leader_id":1}""", "1"));

        await harness.SyncAsync();
        await harness.SyncAsync();

        Assert.Contains("\"leader_id\":1", harness.Tables[0].FindRow("1"), StringComparison.Ordinal);
        Assert.Empty(await harness.ChangesAsync());
    }

    [Fact]
    public async Task SyncAsync_TooManyMissTheirParents_StopsAsForAnyRejection()
    {
        using var harness = Start(kit: true);
        harness.Options.Push.MaxQuarantined = 3;
        for (var id = 1; id <= 5; id++)
        {
            harness.Store.Insert(Teams, $$"""{"id":{{id}},"leader_id":7}""");
        }

        var result = await harness.SyncAsync();

        Assert.Equal((SyncOutcome.QuarantineFull, 5), (result.Outcome, result.Datasets[0].Quarantined));
    }

    [Fact]
    public async Task SyncAsync_FewOfManyMissTheirParents_DoesNotStop()
    {
        using var harness = Start(kit: true);
        for (var id = 1; id <= 300; id++)
        {
            harness.Store.Insert(Teams, id <= 25 ? $$"""{"id":{{id}},"leader_id":7}""" : $$"""{"id":{{id}}}""");
        }

        var result = await harness.SyncAsync();

        Assert.Equal((SyncOutcome.CompletedWithQuarantine, 25, 275), (result.Outcome, result.Datasets[0].Quarantined, result.Datasets[0].Pushed));
    }

    private static Dataset Define(string name, string parent) =>
        Dataset.Define(name).Key("id", ColumnType.Integer).Column(parent, ColumnType.Integer).Version("version").UpdatedAt("updated_at").Build();

    private static TwoWayHarness Start(bool kit)
    {
        var harness = new TwoWayHarness(kit, Teams, People);
        harness.Tables[0].AddForeignKey("teams_leader_id_fkey", "leader_id", harness.Tables[1]);
        harness.Tables[1].AddForeignKey("people_team_id_fkey", "team_id", harness.Tables[0]);
        return harness;
    }
}
