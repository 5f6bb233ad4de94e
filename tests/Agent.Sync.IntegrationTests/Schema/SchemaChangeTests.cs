using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Schema;

public sealed class SchemaChangeTests(BackendFixture backends)
{
    [Fact]
    public async Task SyncAsync_ColumnAddedToTheDataset_IsAddedAndFilledWhileRowsStayReadable()
    {
        var user = await backends.Main.SignUpWithRowsAsync(150);
        await using var device = new Device(backends.Main, user, Datasets.Narrow().Build());
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        device.Datasets = [Datasets.Narrow().Column("type", ColumnType.Text).Column("price", ColumnType.Numeric).Build()];
        var counts = new List<long>();
        device.AfterApply = async _ => counts.Add(await device.CountAsync());

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(SyncOutcome.Completed, result.Outcome);
        Assert.All(counts, static count => Assert.Equal(150, count));
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_ColumnRemovedFromTheDataset_IsIgnored()
    {
        var user = await backends.Main.SignUpWithRowsAsync(150);
        await using var device = new Device(backends.Main, user, Datasets.Narrow().Column("type", ColumnType.Text).Build());
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        device.Datasets = [Datasets.Narrow().Build()];

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(SyncOutcome.Completed, result.Outcome);
        Assert.Equal(0, result.Applied);
        Assert.Equal(150L, await LocalRows.ScalarAsync(device.DatabasePath, "select count(type) from artifacts"));
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_ColumnRetyped_FailsTypedAndChangesNothing()
    {
        var user = await backends.Main.SignUpWithRowsAsync(50);
        var before = Datasets.Narrow().Column("size", ColumnType.Integer).Build();
        await using var device = new Device(backends.Main, user, before);
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        device.Datasets = [Datasets.Narrow().Column("size", ColumnType.Numeric).Build()];

        var failure = await Assert.ThrowsAsync<SyncSchemaException>(
            () => device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(SyncErrorKind.LocalSchema, failure.Kind);
        Assert.Contains("size", failure.Message, StringComparison.Ordinal);
        await device.AssertEqualToServerAsync(before);
    }

    [Fact]
    public async Task SyncAsync_FilterChanged_RequiresAResync()
    {
        var user = await backends.Main.SignUpWithRowsAsync(200);
        var notes = Datasets.Narrow().Where("type", FilterOperator.Equal, "note").Build();
        await using var device = new Device(backends.Main, user, notes);
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await device.AssertEqualToServerAsync();
        device.Datasets = [Datasets.Narrow().Where("type", FilterOperator.Equal, "image").Build()];

        var refused = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(SyncOutcome.ResyncRequired, refused.Outcome);
        Assert.Equal(ResyncReason.FilterChanged, refused.Datasets[0].ResyncReason);
        await device.AssertEqualToServerAsync(notes);

        await device.SyncAsync(
            new SyncRequest { FullResync = true, AllowMassDelete = true }, cancellationToken: TestContext.Current.CancellationToken);
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_FiltersOfEveryKind_OnlyTheirRowsArrive()
    {
        var user = await backends.Main.SignUpWithRowsAsync(200);
        var dataset = Datasets.ArtifactsWith(DeleteHandling.Remove)
            .Where("type", FilterOperator.NotEqual, "note")
            .Where("name", FilterOperator.GreaterThan, "Artifact 0000020")
            .Where("name", FilterOperator.LessThanOrEqual, "Artifact 0000180")
            .Where("score", FilterOperator.GreaterThanOrEqual, "10.5")
            .Where("is_public", FilterOperator.Equal, "false")
            .Build();
        await using var device = new Device(backends.Main, user, dataset);

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.InRange(result.Applied, 20, 150);
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_DeleteHandlingChanged_RequiresAResync()
    {
        var user = await backends.Main.SignUpWithRowsAsync(20);
        await using var device = new Device(backends.Main, user);
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        device.Datasets = [Datasets.ArtifactsWith(DeleteHandling.Mark).Build()];

        var refused = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(SyncOutcome.ResyncRequired, refused.Outcome);
        Assert.Equal(ResyncReason.SchemaChanged, refused.Datasets[0].ResyncReason);
    }

    [Fact]
    public async Task SyncAsync_AnotherProject_RequiresAResync()
    {
        var other = await backends.GetSmallAsync();
        var user = await backends.Main.SignUpWithRowsAsync(20);
        await using var device = new Device(backends.Main, user);
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        device.Configure = options => (options.Url, options.ApiKey) = (other.Host.Url, other.Host.PublishableKey);
        device.Requests.Token = TokenMint.Mint(other, user.Id, TimeProvider.System.GetUtcNow().AddHours(1));

        var refused = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(SyncOutcome.ResyncRequired, refused.Outcome);
        Assert.Equal(ResyncReason.ProjectChanged, refused.Datasets[0].ResyncReason);
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_ColumnTheServerDoesNotHave_FailsTyped()
    {
        var user = await backends.Main.SignUpWithRowsAsync(5);
        await using var device = new Device(backends.Main, user, Datasets.Narrow().Column("no_such_column", ColumnType.Text).Build());

        var failure = await Assert.ThrowsAnyAsync<SyncException>(
            () => device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(SyncErrorKind.RemoteSchema, failure.Kind);
        Assert.False(failure.IsTransient);
    }
}
