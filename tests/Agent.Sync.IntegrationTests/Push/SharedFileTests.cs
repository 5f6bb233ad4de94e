using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Push;

/// <summary>Several engines and an app that never stops writing, on one file.</summary>
public sealed class SharedFileTests(BackendFixture backends)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_SeveralEnginesOnOneFile_PushEveryChangeOnce(bool kit)
    {
        const int Rows = 120;
        var backend = await backends.GetAsync(kit);
        await using var device = new Device(backend, await backend.SignUpAsync()) { Configure = static options => options.Push.BatchRows = 10 };
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await device.InsertArtifactsAsync(Rows);
        var patient = new SyncRequest { LeaseWait = TimeSpan.FromSeconds(60) };

        var results = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => device.SyncAsync(patient, cancellationToken: TestContext.Current.CancellationToken)));

        Assert.All(results, static result => Assert.Equal((SyncOutcome.Completed, 0, 0), (result.Outcome, result.Conflicts, result.Rejected)));
        Assert.Equal(Rows, results.Sum(static result => result.Pushed));
        await AssertOnServerAsync(backend, device, Rows);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_FileThatAnotherEnginePushes_FailsAtOnceAndNamesTheHolder(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        using var wire = new Wire();
        await using var device = new Device(backend, await backend.SignUpAsync()) { Handler = wire };
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await device.InsertArtifactsAsync(5);
        SyncException? refused = null;
        wire.Before = async request =>
        {
            if (request.IsWrite)
            {
                refused = await Assert.ThrowsAnyAsync<SyncException>(() => device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken));
            }
        };

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(SyncErrorKind.LeaseHeld, refused?.Kind);
        Assert.Equal(5, result.Pushed);
        Assert.Single(wire.Writes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_AppThatKeepsWriting_RunsEndAndNothingIsLost(bool kit)
    {
        const int Rows = 60;
        var backend = await backends.GetAsync(kit);
        using var wire = new Wire();
        await using var device = new Device(backend, await backend.SignUpAsync()) { Handler = wire, Configure = static options => options.Push.BatchRows = 5 };
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await device.InsertArtifactsAsync(10);
        var written = 10;
        wire.Before = async request =>
        {
            if (request.IsWrite && written < Rows)
            {
                written += 5;
                await device.InsertArtifactsAsync(5);
            }
        };

        var pushed = 0L;
        for (var runs = 0; pushed < Rows; runs++)
        {
            Assert.True(runs < Rows, "The runs do not catch up.");
            pushed += (await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken)).Pushed;
        }

        Assert.Equal(Rows, pushed);
        await AssertOnServerAsync(backend, device, Rows);
    }

    private static async Task AssertOnServerAsync(Backend backend, Device device, int rows)
    {
        Assert.Empty(await device.ChangesAsync());
        Assert.Equal(rows, (await backend.SqlAsync($"select 1 from public.artifacts where owner_id = '{device.User.Id}' and version = 1")).Count);
        await device.AssertEqualToServerAsync();
    }
}
