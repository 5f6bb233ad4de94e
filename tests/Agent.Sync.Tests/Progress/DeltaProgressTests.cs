using Agent.Sync.Testing;

namespace Agent.Sync.Tests.Progress;

public sealed class DeltaProgressTests
{
    [Fact]
    public async Task Sync_AfterACompleteBackfill_CountsTheChangesAlone()
    {
        var dataset = SampleDatasets.Of("artifacts").Version("version").Build();
        var time = new VirtualTimeProvider();
        var server = new PostgrestDouble(time);
        var table = server.AddTable(dataset);
        for (var row = 0; row < 50; row++)
        {
            table.Insert($$"""{"id":{{row}}}""");
        }

        // Older than the overlap lag, so that a delta does not read them again.
        time.Advance(TimeSpan.FromMinutes(10));
        await using var engine = new SyncEngineBuilder()
            .Configure(options =>
            {
                options.Url = PostgrestDouble.Url;
                options.ApiKey = PostgrestDouble.ApiKey;
                options.AccessTokenProvider = (_, _) => ValueTask.FromResult<AccessToken?>(new AccessToken(server.CreateToken("user")));
                options.Datasets.Add(dataset);
            })
            .UseLocalStore(new InMemoryTransactionalStore())
            .UseHttpMessageHandler(new PlannerHandler { InnerHandler = server })
            .Build();
        var first = new RecordingProgress();
        await engine.SyncAsync(first, TestContext.Current.CancellationToken);
        table.Update("{}", "7");
        table.Update("{}", "8");
        var second = new RecordingProgress();
        await engine.SyncAsync(second, TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromMinutes(10));
        await engine.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        var third = new RecordingProgress();
        await engine.SyncAsync(third, TestContext.Current.CancellationToken);

        Assert.Equal((50, 50), (first.Snapshots[^1].Completed, first.Snapshots[^1].Total!.Value));
        Assert.Equal((2, 2), (second.Snapshots[^1].Completed, second.Snapshots[^1].Total!.Value));
        Assert.NotEmpty(third.Snapshots);
        Assert.All(third.Snapshots, snapshot => Assert.Equal((0, 0), (snapshot.Completed, snapshot.Total!.Value)));
    }

    /// <summary>PostgreSQL's planner expects one row where there is none.</summary>
    private sealed class PlannerHandler : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (response.Content.Headers.NonValidated.TryGetValues("Content-Range", out var range) && range.ToString() == "*/0")
            {
                response.Content.Headers.Remove("Content-Range");
                response.Content.Headers.TryAddWithoutValidation("Content-Range", "*/1");
            }

            return response;
        }
    }
}
