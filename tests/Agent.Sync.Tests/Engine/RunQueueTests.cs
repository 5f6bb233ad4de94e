using Agent.Sync.Testing;
using Agent.Sync.Tests.Configuration;

namespace Agent.Sync.Tests.Engine;

/// <summary>Runs of one engine never stand in each other's way: they take turns.</summary>
public sealed class RunQueueTests : IDisposable
{
    private readonly PostgrestDouble _server = new(TimeProvider.System);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task SyncAsync_WhileTheSameDatasetIsSynced_WaitsAndCompletes()
    {
        await using var engine = Build("notes");
        Task<SyncResult>? second = null;
        var progress = new RecordingProgress { OnReport = _ => second ??= Outside(() => engine.SyncAsync(cancellationToken: Token)) };

        var first = await engine.SyncAsync(progress, Token);
        Assert.Equal(SyncOutcome.Completed, first.Outcome);
        var later = await second!;
        Assert.Equal((SyncOutcome.Completed, 0), (later.Outcome, later.Applied));
    }

    [Fact]
    public async Task SyncAsync_ManyAtOnce_AllComplete()
    {
        await using var engine = Build("notes", "parts");

        var results = await Task.WhenAll(Enumerable.Range(0, 12).Select(index => Task.Run(
            () => engine.SyncAsync(new SyncRequest { Datasets = (index % 3) switch { 0 => ["notes"], 1 => ["parts"], _ => null } }, cancellationToken: Token),
            Token)));

        Assert.All(results, static result => Assert.Equal(SyncOutcome.Completed, result.Outcome));
        Assert.Equal(40, results.Sum(static result => result.Applied));
    }

    [Fact]
    public async Task SyncAsync_CancelledWhileItWaits_LetsTheNextOneRun()
    {
        await using var engine = Build("notes");
        using var cancelled = new CancellationTokenSource();
        Task<SyncResult>? second = null;
        Task<SyncResult>? third = null;
        var progress = new RecordingProgress
        {
            OnReport = _ =>
            {
                second ??= Outside(() => engine.SyncAsync(cancellationToken: cancelled.Token));
                third ??= Outside(() => engine.SyncAsync(cancellationToken: Token));
                cancelled.Cancel();
            },
        };

        await engine.SyncAsync(progress, Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second!);
        Assert.Equal(SyncOutcome.Completed, (await third!).Outcome);
    }

    [Fact]
    public async Task SyncAsync_FromWithinARunOfTheSameDataset_IsRefusedInsteadOfWaitingForItself()
    {
        await using var engine = Build("notes", "parts");
        Exception? refused = null;
        SyncResult? other = null;
        var progress = new RecordingProgress
        {
            OnReport = snapshot =>
            {
                if (refused is null && snapshot.Dataset == "notes")
                {
                    refused = Record.Exception(() => engine.SyncAsync(cancellationToken: Token).GetAwaiter().GetResult());
                    other = engine.SyncAsync(new SyncRequest { Datasets = ["parts"] }, cancellationToken: Token).GetAwaiter().GetResult();
                }
            },
        };

        var result = await engine.SyncAsync(new SyncRequest { Datasets = ["notes"] }, progress, Token);

        Assert.Equal(SyncOutcome.Completed, result.Outcome);
        Assert.Contains("wait for itself", Assert.IsType<InvalidOperationException>(refused).Message, StringComparison.Ordinal);
        Assert.Equal(SyncOutcome.Completed, other!.Outcome);
    }

    // As a button's handler would: not as a part of the run that reports.
    private static Task<SyncResult> Outside(Func<Task<SyncResult>> start)
    {
        using (ExecutionContext.SuppressFlow())
        {
            return Task.Run(start, Token);
        }
    }

    private SyncEngine Build(params string[] names)
    {
        var builder = new SyncEngineBuilder(TestOptions.NoEnvironment)
            .Configure(options =>
            {
                options.Url = PostgrestDouble.Url;
                options.ApiKey = PostgrestDouble.ApiKey;
                options.AccessTokenProvider = (_, _) => ValueTask.FromResult<AccessToken?>(new AccessToken(_server.CreateToken("user")));
                options.PageSize = 5;
            })
            .UseLocalStore(new InMemoryTransactionalStore())
            .UseHttpMessageHandler(_server);
        foreach (var name in names)
        {
            Dataset dataset = SampleDatasets.Of(name);
            var table = _server.AddTable(dataset);
            for (var id = 1; id <= 20; id++)
            {
                table.Insert($"{{\"id\":{id}}}");
            }

            builder.AddDataset(dataset);
        }

        return builder.Build();
    }
}
