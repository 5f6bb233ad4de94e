using Agent.Sync.Tests.Engine;

namespace Agent.Sync.Tests.Pull;

/// <summary>Pages with more bytes than are accepted: fewer rows are asked for, down to one, and more again later.</summary>
public sealed class LargeRowTests
{
    private const int MaxPageBytes = 64 * 1024;

    private static readonly Dataset Notes = SampleDatasets.Of("notes", "body").Build();

    [Theory]
    [InlineData(20, 30_000)]
    [InlineData(20, 60_000)]
    [InlineData(150, 1_000)]
    public async Task SyncAsync_RowsLargerTogetherThanAPage_AreAllPulled(int rows, int length)
    {
        foreach (var kit in new[] { false, true })
        {
            using var harness = Start(kit);
            for (var id = 1; id <= rows; id++)
            {
                harness.Tables[0].Insert($$"""{"id":{{id}},"body":"{{new string('x', length)}}"}""");
            }

            Assert.Equal((SyncOutcome.Completed, rows), ((await harness.SyncAsync()).Outcome, harness.Tables[0].Count));
            Assert.Equal(rows, Enumerable.Range(1, rows).Count(id => harness.Store.FindRow("notes", $"{id}") is not null));
        }
    }

    [Fact]
    public async Task SyncAsync_LargeRowsAmongManySmallOnes_PagesGrowAgain()
    {
        using var harness = Start(kit: false);
        for (var id = 1; id <= 2_000; id++)
        {
            harness.Tables[0].Insert($$"""{"id":{{id}},"body":"{{new string('x', id <= 4 ? 60_000 : 10)}}"}""");
        }

        Assert.Equal(SyncOutcome.Completed, (await harness.SyncAsync()).Outcome);

        Assert.Contains(harness.Server.Requests, static request => request.Query.EndsWith("limit=1", StringComparison.Ordinal));
        Assert.EndsWith("limit=100", harness.Server.Requests.Last(static request => request.Query.Contains("order=id.asc", StringComparison.Ordinal)).Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SyncAsync_OneRowAboveTheBound_NamesWhatToRaise()
    {
        using var harness = Start(kit: false);
        harness.Tables[0].Insert("""{"id":1,"body":"fine"}""");
        harness.Tables[0].Insert($$"""{"id":2,"body":"{{new string('x', MaxPageBytes)}}"}""");

        var exception = await Assert.ThrowsAsync<SyncProtocolException>(() => harness.SyncAsync());

        Assert.Equal(SyncErrorKind.UnexpectedResponse, exception.Kind);
        Assert.Contains("A single row of 'notes' is larger than MaxPageBytes (65536 bytes", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Raise MaxPageBytes", exception.Message, StringComparison.Ordinal);
        Assert.NotNull(harness.Store.FindRow("notes", "1"));
    }

    private static TwoWayHarness Start(bool kit)
    {
        var harness = new TwoWayHarness(kit, Notes);
        harness.Options.MaxPageBytes = MaxPageBytes;
        harness.Options.RateLimit.Burst = 10_000;
        return harness;
    }
}
