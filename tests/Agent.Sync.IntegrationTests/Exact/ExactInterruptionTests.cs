using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Faults;

namespace Agent.Sync.IntegrationTests.Exact;

/// <summary>Interrupted before any request and after any commit, of backfill, rows and tombstones, while transactions overlap.</summary>
[Collection(ExactCollection.Name)]
public sealed class ExactInterruptionTests(BackendFixture backends)
{
    private const int Interruptions = 60;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task SyncAsync_InterruptedAtRandomPoints_EndsWithTheSameTable(int seed)
    {
        await using var scene = await ExactScene.OpenAsync(await backends.GetExactAsync());
        scene.Device.Configure = static options => (options.PageSize, options.Commit.Interval) = (5, TimeSpan.Zero);
        await scene.SqlAsync(scene.Insert(1, 120));
        var random = new Random(seed);
        var session = $"interrupted-{scene.First}";
        var isOpen = false;
        for (var round = 0; round < Interruptions; round++)
        {
            await InterruptAsync(scene, random);
            var write = random.Next(3) switch
            {
                0 => scene.Update($"label = 'round {round}'", $"row % 13 = {random.Next(13)}"),
                1 => scene.Delete($"row % 29 = {random.Next(29)}"),
                _ => scene.Insert(1_000 + (round * 10), 6),
            };
            if (isOpen)
            {
                await scene.CommitAsync(session);
                await scene.SqlAsync(write);
            }
            else
            {
                await scene.SqlAsync("begin; " + write, session);
            }

            isOpen = !isOpen;
        }

        if (isOpen)
        {
            await scene.CommitAsync(session);
        }

        scene.Device.Requests.Before = null;
        await scene.Device.SyncToTheEndAsync();
        await scene.AssertEqualAsync();
    }

    private static async Task InterruptAsync(ExactScene scene, Random random)
    {
        using var stop = new CancellationTokenSource();
        var left = random.Next(1, 9);
        var atRequest = random.Next(2) == 0;
        scene.Device.Requests.Restart();
        scene.Device.Requests.Before = async number =>
        {
            if (atRequest && number >= left)
            {
                await stop.CancelAsync();
            }
        };
        var progress = new ProgressRecorder(report =>
        {
            if (!atRequest && --left <= 0)
            {
                stop.Cancel();
            }
        });
        try
        {
            await scene.Device.SyncAsync(progress: progress, cancellationToken: stop.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.True(stop.IsCancellationRequested);
        }
    }
}
