using Agent.Sync.Tests.Engine;
using Agent.Sync.Tests.Fakes;

namespace Agent.Sync.Tests.Pull;

/// <summary>What becomes of a sync whose server tells a wrong time, once or always.</summary>
public sealed class ServerClockTests
{
    private static readonly Dataset Notes = SampleDatasets.Of("notes", "title").Build();

    public static TheoryData<DateTimeOffset> Ahead { get; } =
        [Items.Noon.AddHours(3), Items.Noon.AddMinutes(6), new DateTimeOffset(2045, 1, 1, 0, 0, 0, TimeSpan.Zero)];

    public static TheoryData<DateTimeOffset> NoPresent { get; } = [DateTimeOffset.MinValue, DateTimeOffset.MaxValue, new DateTimeOffset(1970, 1, 1, 0, 0, 0, TimeSpan.Zero)];

    [Theory]
    [MemberData(nameof(Ahead))]
    public async Task RunAsync_DateAheadInOneDelta_AsksForAResyncAndLosesNothing(DateTimeOffset date)
    {
        var pull = new PullHarness();
        pull.Server.Write(1, "a", TimeSpan.FromDays(1));
        await pull.RunAsync();
        var wrong = pull.Server.Queries.Count;
        pull.Server.Date = request => request == wrong ? date : null;
        Assert.Equal(SyncOutcome.Completed, (await pull.RunAsync()).Outcome);
        pull.Server.Write(2, "b");

        await AssertAsksAndHealsAsync(pull);
    }

    [Theory]
    [MemberData(nameof(Ahead))]
    public async Task RunAsync_DateAheadInTheFirstAnswer_IsNoticedInTheSameRun(DateTimeOffset date)
    {
        var pull = new PullHarness();
        for (var id = 1; id <= 9; id++)
        {
            pull.Server.Write(id, "a", TimeSpan.FromDays(1));
        }

        pull.Server.Date = request => request == 0 ? date : null;
        pull.Server.BeforePage = request =>
        {
            if (request == 2)
            {
                pull.Server.Write(1, "later");
            }
        };

        var result = await pull.RunAsync();

        Assert.Equal((SyncOutcome.ResyncRequired, ResyncReason.PositionAhead), (result.Outcome, result.ResyncReason));
        await pull.RunAsync(new SyncRequest { FullResync = true });
        Assert.Equal(pull.ServerRows, pull.LocalRows);
    }

    [Fact]
    public async Task RunAsync_DateAheadBeforeAnInterruption_IsNoticedWhenTheBackfillGoesOn()
    {
        var pull = new PullHarness();
        for (var id = 1; id <= 9; id++)
        {
            pull.Server.Write(id, "a", TimeSpan.FromDays(1));
        }

        pull.Server.Date = static request => request <= 1 ? Items.Noon.AddHours(3) : null;
        pull.Server.Fault = static request => request == 1 ? Failures.Unreachable : null;
        await Assert.ThrowsAsync<SyncTransportException>(() => pull.RunAsync());

        await AssertAsksAndHealsAsync(pull);
    }

    [Theory]
    [MemberData(nameof(NoPresent))]
    public async Task RunAsync_DateThatCannotBeThePresent_IsATypedErrorAndMovesNothing(DateTimeOffset date)
    {
        var pull = new PullHarness();
        pull.Server.Write(1, "a");
        pull.Server.Date = _ => date;
        var first = await Assert.ThrowsAsync<SyncProtocolException>(() => pull.RunAsync());
        pull.Server.Date = static _ => null;
        await pull.RunAsync();
        var before = await pull.ReadStateAsync();
        pull.Server.Date = _ => date;

        var second = await Assert.ThrowsAsync<SyncProtocolException>(() => pull.RunAsync());

        Assert.All([first, second], static exception => Assert.Equal(SyncErrorKind.UnexpectedResponse, exception.Kind));
        Assert.All([first, second], static exception => Assert.Contains("Date", exception.Message, StringComparison.Ordinal));
        Assert.Equal(before!.SafePosition, (await pull.ReadStateAsync())!.SafePosition);
    }

    [Fact]
    public async Task RunAsync_ClockSetBackByLessThanTheLag_GoesOn()
    {
        var pull = new PullHarness();
        pull.Server.Write(1, "a");
        await pull.RunAsync();
        pull.Server.Now -= TimeSpan.FromMinutes(4);
        pull.Server.Write(2, "b");

        Assert.Equal(SyncOutcome.Completed, (await pull.RunAsync()).Outcome);
        Assert.Equal(pull.ServerRows, pull.LocalRows);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.999, 0)]
    [InlineData(0.799, 0.8)]
    [InlineData(1.799, 0.8)]
    public async Task SyncAsync_DateBehindAsPostgrestsIs_BringsEverythingThatIsCommitted(double secondsAfterNoon, double lag)
    {
        using var harness = new TwoWayHarness(kit: false, Notes);
        harness.Server.DateLag = TimeSpan.FromSeconds(lag);
        await harness.SyncAsync();
        harness.Time.Advance(TimeSpan.FromSeconds(secondsAfterNoon));
        for (var id = 1; id <= 1_000; id++)
        {
            harness.Tables[0].Insert($$"""{"id":{{id}},"title":"t"}""");
        }

        var result = await harness.SyncAsync();

        Assert.Equal((1_000, false), (result.Applied, result.Datasets[0].HasMore));
    }

    [Fact]
    public async Task SyncAsync_EditsMissedWhileThePositionWasAhead_DeletesNothingOnTheServer()
    {
        using var harness = new TwoWayHarness(kit: false, Notes);
        harness.Tables[0].Insert("""{"id":1,"title":"old"}""");
        harness.Server.ClockOffset = TimeSpan.FromHours(3);
        await harness.SyncAsync();
        harness.Server.ClockOffset = TimeSpan.Zero;
        harness.Tables[0].Insert("""{"id":2,"title":"never delivered"}""");
        harness.Store.StopRecording(Notes);

        await harness.Engine.SyncAsync(new SyncRequest { FullResync = true }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.NotNull(harness.Tables[0].FindRow("2"));
        Assert.NotNull(harness.Store.FindRow("notes", "2"));
    }

    private static async Task AssertAsksAndHealsAsync(PullHarness pull)
    {
        var before = await pull.ReadStateAsync();
        var result = await pull.RunAsync();
        Assert.Equal((SyncOutcome.ResyncRequired, ResyncReason.PositionAhead), (result.Outcome, result.ResyncReason));
        Assert.Equal(before!.SafePosition, (await pull.ReadStateAsync())!.SafePosition);

        Assert.Equal(SyncOutcome.Completed, (await pull.RunAsync(new SyncRequest { FullResync = true })).Outcome);

        Assert.Equal(pull.ServerRows, pull.LocalRows);
        pull.Server.Write(3, "c");
        Assert.Equal(SyncOutcome.Completed, (await pull.RunAsync()).Outcome);
        Assert.Equal(pull.ServerRows, pull.LocalRows);
    }
}
