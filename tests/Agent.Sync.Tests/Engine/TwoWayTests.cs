namespace Agent.Sync.Tests.Engine;

/// <summary>A run's directions and its parts, and what its progress says on the way.</summary>
public sealed class TwoWayTests
{
    private static readonly Dataset Parents = Define("parents");
    private static readonly Dataset Children = Define("children");

    [Theory]
    [InlineData(SyncDirection.Both, true, true)]
    [InlineData(SyncDirection.Push, true, false)]
    [InlineData(SyncDirection.Pull, false, true)]
    public async Task SyncAsync_Direction_MovesRowsThatWayAlone(SyncDirection direction, bool goesUp, bool comesDown)
    {
        using var harness = await StartAsync();
        harness.Store.Update(Parents, """{"name":"mine"}""", "1");
        harness.Tables[0].Update("""{"name":"theirs"}""", "2");
        var before = harness.Server.RequestCount;

        var result = await harness.SyncAsync(direction);

        var requests = harness.Server.Requests.Skip(before).ToList();
        Assert.Equal(SyncOutcome.Completed, result.Outcome);
        Assert.Equal(goesUp, harness.Tables[0].FindRow("1")!.Contains("mine", StringComparison.Ordinal));
        Assert.Equal(comesDown, harness.Store.FindRow("parents", "2")!.Contains("theirs", StringComparison.Ordinal));
        Assert.Contains("mine", harness.Store.FindRow("parents", "1"), StringComparison.Ordinal);
        Assert.Equal(goesUp, requests.Exists(static request => request.Method != "GET"));
        Assert.Equal(comesDown, requests.Exists(static request => request.Method == "GET"));
        Assert.Equal((goesUp ? 1 : 0, goesUp ? 0 : 1, 2), (result.Datasets[0].Pushed, result.Datasets[0].Pending, result.Datasets.Count));
    }

    [Theory]
    [InlineData(TotalCount.None, null, null)]
    [InlineData(TotalCount.Exact, "count=exact", 2L)]
    [InlineData(TotalCount.Estimated, "count=estimated", 2L)]
    public async Task SyncAsync_TotalCount_IsAskedForOnTheFirstPageAlone(TotalCount count, string? prefer, long? total)
    {
        using var harness = new TwoWayHarness(kit: false, Parents);
        harness.Tables[0].Insert("""{"id":1}""");
        harness.Tables[0].Insert("""{"id":2}""");
        harness.Options.TotalCount = count;
        harness.Options.PageSize = 1;

        await harness.SyncAsync(SyncDirection.Pull);

        var asked = harness.Server.Requests.Where(static request => request.Header("Prefer")?.Contains("count=", StringComparison.Ordinal) == true).ToList();
        Assert.Equal(prefer is null ? [] : [prefer], asked.Select(static request => request.Header("Prefer")).Take(1));
        Assert.True(harness.Server.RequestCount > asked.Count + 1);
        Assert.Equal(total, harness.Progress.Snapshots.First(static snapshot => snapshot.Completed > 0).Total);
    }

    [Fact]
    public async Task SyncAsync_PullWithAChangeWaiting_DoesNotOverwriteIt()
    {
        using var harness = await StartAsync();
        harness.Store.Update(Parents, """{"name":"mine"}""", "1");
        harness.Tables[0].Update("""{"name":"theirs"}""", "1");

        await harness.SyncAsync(SyncDirection.Pull);

        Assert.Contains("mine", harness.Store.FindRow("parents", "1"), StringComparison.Ordinal);
        Assert.Equal(ChangeState.Waiting, Assert.Single(await harness.ChangesAsync()).State);
    }

    [Theory]
    [InlineData(SyncDirection.Both)]
    [InlineData(SyncDirection.Push)]
    [InlineData(SyncDirection.Pull)]
    public async Task SyncAsync_AnyDirection_ReportsEachDatasetCompletedInTheEnd(SyncDirection direction)
    {
        using var harness = await StartAsync();
        Edit(harness, Parents);

        await harness.SyncAsync(direction);

        var ends = harness.Progress.Snapshots.GroupBy(static snapshot => snapshot.Dataset).Select(static dataset => dataset.Last()).ToList();
        Assert.Equal(["children", "parents"], ends.Select(static end => end.Dataset).Order());
        Assert.All(ends, static end => Assert.Equal((SyncPhase.Completed, 1.0, TimeSpan.Zero), (end.Phase, end.Fraction, end.EstimatedTimeLeft)));
        if (direction == SyncDirection.Push)
        {
            Assert.Equal((4, 0), (ends.Single(static end => end.Dataset == "parents").Completed, ends.Single(static end => end.Dataset == "children").Completed));
        }
    }

    [Fact]
    public async Task SyncAsync_PushThatStops_ReportsNothingCompleted()
    {
        using var harness = await StartAsync();
        harness.Options.Push.MaxQuarantined = 0;
        harness.Tables[0].AddCheck("parents_name_check", static _ => "23514");
        Edit(harness, Parents);

        var result = await harness.SyncAsync(SyncDirection.Push);

        Assert.Equal(SyncOutcome.QuarantineFull, result.Outcome);
        Assert.DoesNotContain(harness.Progress.Snapshots, static snapshot => snapshot.Phase == SyncPhase.Completed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SyncAsync_WritesDeletesAndPull_ProgressGoesOnInEachDirection(bool kit)
    {
        using var harness = await StartAsync(kit);
        Edit(harness, Parents);
        Edit(harness, Children);

        await harness.SyncAsync();

        harness.Progress.VerifyMonotonic();
        foreach (var dataset in harness.Datasets)
        {
            // Three writes, then one delete: the second part starts where the first ended.
            var push = harness.Progress.Snapshots.Where(snapshot => snapshot.Dataset == dataset.Name && snapshot.Phase == SyncPhase.Push).ToList();
            Assert.Equal((0, 4, 4), (push[0].Completed, push[^1].Completed, push[^1].Total));
            Assert.Contains(push, static snapshot => snapshot.Completed == 3);
        }

        var order = harness.Progress.Snapshots.Select(static snapshot => (snapshot.Phase, snapshot.Dataset)).Distinct().ToList();
        Assert.Equal([(SyncPhase.Push, "parents"), (SyncPhase.Push, "children")], order[..2]);
        Assert.Equal(["children", "parents"], harness.Progress.Snapshots
            .Where(static snapshot => snapshot is { Phase: SyncPhase.Push, Completed: 4 }).Select(static snapshot => snapshot.Dataset).Distinct());
    }

    [Fact]
    public async Task SyncAsync_EditsThatWereNotRecorded_GoUpInTheSameRun()
    {
        using var harness = await StartAsync();
        harness.Store.StopRecording(Parents);
        harness.Store.Update(Parents, """{"name":"unrecorded"}""", "1");
        harness.Store.Update(Children, """{"name":"recorded"}""", "1");

        var result = await harness.SyncAsync();

        Assert.Contains("unrecorded", harness.Tables[0].FindRow("1"), StringComparison.Ordinal);
        Assert.Equal((SyncOutcome.Completed, 1, 1), (result.Outcome, result.Datasets[0].Pushed, result.Datasets[1].Pushed));
        harness.Progress.VerifyMonotonic();
    }

    private static Dataset Define(string name) =>
        SampleDatasets.Versioned(name, "name").Build();

    /// <summary>Three rows of each dataset on both sides.</summary>
    private static async Task<TwoWayHarness> StartAsync(bool kit = false)
    {
        var harness = new TwoWayHarness(kit, Parents, Children);
        foreach (var table in harness.Tables)
        {
            for (var id = 1; id <= 3; id++)
            {
                table.Insert($$"""{"id":{{id}},"name":"n"}""");
            }
        }

        await harness.Engine.SyncAsync(new SyncRequest(), cancellationToken: TestContext.Current.CancellationToken);
        return harness;
    }

    private static void Edit(TwoWayHarness harness, Dataset dataset)
    {
        harness.Store.Insert(dataset, """{"id":10,"name":"new"}""");
        harness.Store.Insert(dataset, """{"id":11,"name":"new"}""");
        harness.Store.Update(dataset, """{"name":"mine"}""", "1");
        harness.Store.Delete(dataset, "2");
    }
}
