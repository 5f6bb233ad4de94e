using System.Globalization;
using Agent.Sync.Stores;

namespace Agent.Sync.Tests.Engine;

/// <summary>What a dry run says, against what the run does then, and that nothing has moved before that.</summary>
public sealed class DryRunTests : IDisposable
{
    private static readonly Dataset Things = Dataset.Define("things")
        .Key("id", ColumnType.Integer).Column("name", ColumnType.Text).UpdatedAt("updated_at").DeletedAt("deleted_at").Build();

    private static readonly SyncRequest DryRun = new() { DryRun = true };

    private TwoWayHarness? _harness;

    public void Dispose() => _harness?.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_DryRun_HasTheNumbersOfTheRunThatFollowsAndMovesNothing(bool kit)
    {
        for (var seed = 1; seed <= 40; seed++)
        {
            using var harness = new TwoWayHarness(kit, Things);
            harness.Options.OverlapLag = TimeSpan.FromSeconds(2);
            var random = new Random(seed);
            var last = 0;
            await harness.SyncAsync();
            for (var round = 0; round < 6; round++)
            {
                last = Edit(harness, random, last);
                harness.Time.Advance(TimeSpan.FromSeconds(random.Next(1, 20)));
                var before = await StateAsync(harness);
                var direction = (SyncDirection)random.Next(3);

                var expected = await harness.Engine.SyncAsync(DryRun with { Direction = direction }, cancellationToken: TestContext.Current.CancellationToken);
                Assert.Equal(before, await StateAsync(harness));
                var actual = await harness.SyncAsync(direction);

                Assert.True(expected.IsDryRun);
                Assert.False(expected.Datasets.Single().IsEstimate);
                Assert.Equal((SyncOutcome.Completed, SyncOutcome.Completed), (expected.Outcome, actual.Outcome));
                var (would, did) = (expected.Datasets.Single(), actual.Datasets.SingleOrDefault());
                Assert.Equal(
                    $"seed {seed}, round {round}, {direction}: {did?.Applied ?? 0} down, {did?.Deleted ?? 0} gone, {(did?.Pushed ?? 0) + (direction == SyncDirection.Pull ? 0 : Withdrawn(did))} up, {did?.Conflicts ?? 0} conflicts",
                    $"seed {seed}, round {round}, {direction}: {would.Applied} down, {would.Deleted} gone, {would.Pushed} up, {would.Conflicts} conflicts");
            }
        }
    }

    [Fact]
    public async Task SyncAsync_DryRunOfAFirstSync_CountsAndDownloadsNothing()
    {
        var harness = Open(kit: true);
        Insert(1, 5_000);

        var result = await harness.Engine.SyncAsync(DryRun, cancellationToken: TestContext.Current.CancellationToken);

        var dataset = result.Datasets.Single();
        Assert.Equal((5_000L, 0L, true), (dataset.Applied, dataset.Deleted, dataset.IsEstimate));
        Assert.Equal(2, dataset.Requests);
        Assert.InRange(dataset.Bytes, 1, 1_000);
        Assert.Empty(harness.Store.GetRows("things"));
    }

    [Fact]
    public async Task SyncAsync_DryRunOfALargeDelta_CountsItAndReadsOnePage()
    {
        var harness = Open(kit: false);
        await harness.SyncAsync();
        harness.Time.Advance(TimeSpan.FromMinutes(10));
        Insert(1, 12_000);
        var before = harness.Server.RequestCount;

        var dataset = (await harness.Engine.SyncAsync(DryRun, cancellationToken: TestContext.Current.CancellationToken)).Datasets.Single();

        Assert.Equal((12_000L, true), (dataset.Applied, dataset.IsEstimate));
        Assert.InRange(harness.Server.RequestCount - before, 1, 3);
    }

    [Fact]
    public async Task SyncAsync_DryRunOfAResync_SaysWhatItWouldReadAndRemove()
    {
        var harness = Open(kit: false);
        Insert(1, 30);
        await harness.SyncAsync();
        harness.Tables[0].Clear();
        Insert(1, 20);

        var dataset = (await harness.Engine.SyncAsync(DryRun with { FullResync = true }, cancellationToken: TestContext.Current.CancellationToken)).Datasets.Single();

        Assert.Equal((SyncOutcome.Completed, 20L, 10L, true), (dataset.Outcome, dataset.Applied, dataset.Deleted, dataset.IsEstimate));
        Assert.Equal(30, harness.Store.GetRows("things").Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_DryRunOfAMassDelete_ForeseesTheRefusal(bool kit)
    {
        var harness = Open(kit);
        Insert(1, 2_500);
        await harness.SyncAsync();
        harness.Time.Advance(TimeSpan.FromMinutes(10));
        for (var id = 1; id <= 2_000; id++)
        {
            Remove(harness, kit, id);
        }

        var refused = await harness.Engine.SyncAsync(DryRun, cancellationToken: TestContext.Current.CancellationToken);
        var allowed = await harness.Engine.SyncAsync(DryRun with { AllowMassDelete = true }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((SyncOutcome.MassDeleteRefused, 2_000L), (refused.Outcome, refused.Deleted));
        Assert.Equal((SyncOutcome.Completed, 2_000L), (allowed.Outcome, allowed.Deleted));
    }

    [Fact]
    public async Task SyncAsync_DryRunOfAnotherUser_SaysSoAndChangesNothing()
    {
        var harness = Open(kit: false);
        Insert(1, 3);
        await harness.SyncAsync();
        harness.User = "other";

        Assert.Equal(SyncOutcome.UserChanged, (await harness.Engine.SyncAsync(DryRun, cancellationToken: TestContext.Current.CancellationToken)).Outcome);
    }

    /// <summary>Another engine is at work: a run would fail, or wait for it.</summary>
    [Fact]
    public async Task SyncAsync_DryRunWhileAnotherHoldsTheLease_LooksAndLeavesItThere()
    {
        var harness = Open(kit: false);
        Insert(1, 3);
        await harness.SyncAsync();
        var other = new LeaseOwner("elsewhere", 1, 1, Guid.NewGuid());
        var request = new LeaseRequest(CheckpointId.For(Things), other, harness.Time.GetUtcNow(), TimeSpan.FromSeconds(30), static _ => false);
        var fence = (await harness.Store.AcquireLeaseAsync(request, TestContext.Current.CancellationToken)).Fence!.Value;

        Assert.Equal(SyncOutcome.Completed, (await harness.Engine.SyncAsync(DryRun, cancellationToken: TestContext.Current.CancellationToken)).Outcome);
        Assert.True(await harness.Store.RenewLeaseAsync(CheckpointId.For(Things), fence, harness.Time.GetUtcNow().AddSeconds(30), TestContext.Current.CancellationToken));
    }

    private static long Withdrawn(DatasetResult? did) => did is null ? 0 : did.Conflicts;

    /// <summary>Everything that a run could move, on both sides.</summary>
    private static async Task<string> StateAsync(TwoWayHarness harness)
    {
        var checkpoint = await harness.Store.ReadAsync(CheckpointId.For(Things), CancellationToken.None);
        return string.Join(
            '\n',
            [
                .. harness.Store.GetRows("things"),
                .. (await harness.ChangesAsync()).Select(static change => $"{change.Id} {change.Kind} {change.State} {change.Code}"),
                $"{checkpoint?.Revision} {(checkpoint is null ? "" : Convert.ToHexString(checkpoint.Content.Span))}",
                .. harness.Tables[0].VisibleRows(harness.User),
            ]);
    }

    /// <summary>Edits on both sides, of other rows and sometimes of the same.</summary>
    private static int Edit(TwoWayHarness harness, Random random, int last)
    {
        for (var edits = random.Next(8); edits > 0; edits--)
        {
            var id = random.Next(1, last + 1).ToString(CultureInfo.InvariantCulture);
            var isOnServer = harness.Tables[0].FindRow(id) is { } row && !row.Contains("\"deleted_at\":\"", StringComparison.Ordinal);
            switch (random.Next(6))
            {
                case 0:
                    harness.Tables[0].Insert(string.Create(CultureInfo.InvariantCulture, $$"""{"id":{{++last}},"name":"server {{random.Next()}}"}"""));
                    break;
                case 1:
                    harness.Store.Insert(Things, string.Create(CultureInfo.InvariantCulture, $$"""{"id":{{++last}},"name":"local {{random.Next()}}"}"""));
                    break;
                case 2 when isOnServer:
                    harness.Tables[0].Update(string.Create(CultureInfo.InvariantCulture, $$"""{"name":"server {{random.Next()}}"}"""), id);
                    break;
                case 3 when isOnServer:
                    Remove(harness, harness.Tables[0].HasKit, int.Parse(id, CultureInfo.InvariantCulture));
                    break;
                case 5 when isOnServer && harness.Store.FindRow("things", id) is not null:
                    harness.Store.Delete(Things, id);
                    break;
                case 4 when harness.Store.FindRow("things", id) is not null:
                    harness.Store.Update(Things, string.Create(CultureInfo.InvariantCulture, $$"""{"name":"local {{random.Next()}}"}"""), id);
                    break;
            }
        }

        return last;
    }

    private static void Remove(TwoWayHarness harness, bool kit, int id)
    {
        var key = id.ToString(CultureInfo.InvariantCulture);
        if (kit)
        {
            harness.Tables[0].Delete(key);
        }
        else
        {
            harness.Tables[0].SoftDelete(key);
        }
    }

    private TwoWayHarness Open(bool kit)
    {
        _harness = new TwoWayHarness(kit, Things);
        return _harness;
    }

    private void Insert(int from, int count)
    {
        for (var id = from; id < from + count; id++)
        {
            _harness!.Tables[0].Insert(string.Create(CultureInfo.InvariantCulture, $$"""{"id":{{id}},"name":"n"}"""));
        }
    }
}
