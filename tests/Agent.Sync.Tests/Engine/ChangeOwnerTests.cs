namespace Agent.Sync.Tests.Engine;

/// <summary>Edits of one user's or project's rows never go up as another's.</summary>
public sealed class ChangeOwnerTests
{
    private static readonly Dataset Notes =
        SampleDatasets.Versioned("notes", "title").Build();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SyncDirection.Both, false)]
    [InlineData(SyncDirection.Both, true)]
    [InlineData(SyncDirection.Push, false)]
    [InlineData(SyncDirection.Push, true)]
    [InlineData(SyncDirection.Pull, true)]
    public async Task SyncAsync_AnotherUserSignedIn_SendsNothingAndKeepsTheChanges(SyncDirection direction, bool fullResync)
    {
        using var harness = await StartAsync();
        harness.User = "other";
        var requests = harness.Server.RequestCount;

        var result = await harness.Engine.SyncAsync(new SyncRequest { Direction = direction, FullResync = fullResync }, cancellationToken: Token);

        Assert.Equal((SyncOutcome.UserChanged, 1, 0), (result.Outcome, result.Datasets[0].Pending, result.Datasets[0].Pushed));
        Assert.Equal(requests, harness.Server.RequestCount);
        Assert.Equal(ChangeState.Waiting, Assert.Single(await harness.ChangesAsync()).State);
        Assert.Contains("mine", harness.Store.FindRow("notes", "1"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SyncDirection.Both)]
    [InlineData(SyncDirection.Push)]
    [InlineData(SyncDirection.Pull)]
    public async Task ResetAsync_WithChanges_KeepsThemTheirUsers(SyncDirection direction)
    {
        using var harness = await StartAsync();
        await harness.Engine.ResetAsync("notes", Token);
        harness.User = "other";

        var other = await harness.SyncAsync(direction);
        harness.User = "user";
        var owner = await harness.SyncAsync();

        Assert.Equal((SyncOutcome.UserChanged, 1, 0), (other.Outcome, other.Datasets[0].Pending, other.Datasets[0].Pushed));
        Assert.Equal((SyncOutcome.Completed, 0, 1), (owner.Outcome, owner.Datasets[0].Pending, owner.Datasets[0].Pushed));
        Assert.Contains("mine", harness.Tables[0].FindRow("1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ResetAsync_WithoutChanges_LetsAnotherUserStart()
    {
        using var harness = await StartAsync();
        await harness.SyncAsync();
        await harness.Engine.ResetAsync("notes", Token);
        harness.User = "other";

        var result = await harness.Engine.SyncAsync(new SyncRequest { AllowMassDelete = true }, cancellationToken: Token);

        Assert.Equal(SyncOutcome.Completed, result.Outcome);
    }

    [Theory]
    [InlineData(SyncDirection.Both)]
    [InlineData(SyncDirection.Pull)]
    public async Task SyncAsync_AnotherUserResyncsOverAQuarantine_KeepsItUntilItIsDiscarded(SyncDirection direction)
    {
        using var harness = await StartAsync();
        harness.Tables[0].AddCheck("notes_title_check", static row => row.Contains("mine", StringComparison.Ordinal) ? "23514" : null);
        await harness.SyncAsync();
        harness.User = "other";
        var resync = new SyncRequest { Direction = direction, FullResync = true, AllowMassDelete = true };

        var refused = await harness.Engine.SyncAsync(resync, cancellationToken: Token);
        Assert.Equal((SyncOutcome.UserChanged, 1), (refused.Outcome, refused.Datasets[0].Quarantined));
        await harness.Engine.DiscardChangesAsync("notes", cancellationToken: Token);

        Assert.Equal(SyncOutcome.Completed, (await harness.Engine.SyncAsync(resync, cancellationToken: Token)).Outcome);
    }

    [Fact]
    public async Task SyncAsync_AnotherUserResyncsWhileALaterDatasetHoldsChanges_ReplacesNoDataset()
    {
        var parents = SampleDatasets.Versioned("parents", "name").Build();
        using var harness = new TwoWayHarness(kit: false, parents, Notes);
        harness.Tables[1].Insert("""{"id":1,"title":"old"}""");
        await harness.SyncAsync();
        harness.Store.Update(Notes, """{"title":"mine"}""", "1");
        harness.User = "other";
        var resync = new SyncRequest { Direction = SyncDirection.Pull, FullResync = true, AllowMassDelete = true };

        Assert.Equal(SyncOutcome.UserChanged, (await harness.Engine.SyncAsync(resync, cancellationToken: Token)).Outcome);
        harness.User = "user";

        Assert.Equal(SyncOutcome.Completed, (await harness.SyncAsync()).Outcome);
    }

    [Fact]
    public async Task SyncAsync_OwnerSignedInAgain_SendsThem()
    {
        using var harness = await StartAsync();
        harness.User = "other";
        await harness.SyncAsync();
        harness.User = "user";

        var result = await harness.SyncAsync();

        Assert.Equal((SyncOutcome.Completed, 1), (result.Outcome, result.Datasets[0].Pushed));
        Assert.Contains("mine", harness.Tables[0].FindRow("1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SyncAsync_AnotherProject_SendsNothingUntilAFullResyncIsAskedFor()
    {
        using var harness = await StartAsync();
        var engine = harness.OfProject(new Uri("https://other.example"));

        var result = await engine.SyncAsync(new SyncRequest { Direction = SyncDirection.Push }, cancellationToken: Token);

        Assert.Equal((SyncOutcome.ResyncRequired, ResyncReason.ProjectChanged, 1), (result.Outcome, result.Datasets[0].ResyncReason, result.Datasets[0].Pending));
        Assert.DoesNotContain("mine", harness.Tables[0].FindRow("1"), StringComparison.Ordinal);

        var resync = await engine.SyncAsync(new SyncRequest { FullResync = true }, cancellationToken: Token);

        Assert.Equal((SyncOutcome.Completed, 1), (resync.Outcome, resync.Datasets[0].Pushed));
    }

    [Fact]
    public async Task Changes_BadInput_IsRefusedOrIgnoredAsItSays()
    {
        using var harness = await StartAsync();
        var engine = harness.Engine;

        Assert.Throws<ArgumentException>(() => engine.ReadChangesAsync("nothing", cancellationToken: Token));
        Assert.Throws<ArgumentNullException>(() => engine.ReadChangesAsync(null!, cancellationToken: Token));
        Assert.Throws<ArgumentOutOfRangeException>(() => engine.ReadChangesAsync("notes", (ChangeState)7, Token));
        await Assert.ThrowsAsync<ArgumentException>(async () => await engine.RetryChangesAsync("nothing", cancellationToken: Token));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await engine.RetryChangesAsync(null!, cancellationToken: Token));
        await Assert.ThrowsAsync<ArgumentException>(async () => await engine.DiscardChangesAsync("nothing", cancellationToken: Token));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await engine.DiscardChangesAsync(null!, cancellationToken: Token));

        // None of these is a quarantined change: there is nothing to retry, and nothing that null means.
        long[] strangers = [-1, 0, 99, long.MaxValue];
        Assert.Equal((0, 0, 0), (await engine.RetryChangesAsync("notes", strangers, Token), await engine.RetryChangesAsync("notes", [], Token), await engine.RetryChangesAsync("notes", null, Token)));
        Assert.Equal((0, 0, 0), (await engine.DiscardChangesAsync("notes", strangers, Token), await engine.DiscardChangesAsync("notes", [], Token), await engine.DiscardChangesAsync("notes", null, Token)));
        Assert.Single(await harness.ChangesAsync());
    }

    [Fact]
    public async Task DiscardChangesAsync_NamedTwice_DiscardsOnce()
    {
        using var harness = await StartAsync();
        var id = (await harness.ChangesAsync())[0].Id;

        Assert.Equal(1, await harness.Engine.DiscardChangesAsync("notes", [id, id], Token));

        Assert.Contains("\"title\":\"old\"", harness.Store.FindRow("notes", "1"), StringComparison.Ordinal);
    }

    /// <summary>One row on both sides, edited here.</summary>
    private static async Task<TwoWayHarness> StartAsync()
    {
        var harness = new TwoWayHarness(kit: false, Notes);
        harness.Tables[0].Insert("""{"id":1,"title":"old"}""");
        await harness.SyncAsync();
        harness.Store.Update(Notes, """{"title":"mine"}""", "1");
        return harness;
    }
}
