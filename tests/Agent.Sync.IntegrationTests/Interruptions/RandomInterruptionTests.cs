using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using Agent.Sync.IntegrationTests.Faults;
using BackendHost;
using Microsoft.Data.Sqlite;

namespace Agent.Sync.IntegrationTests.Interruptions;

/// <summary>Four seeds, a hundred interruptions each: every run is a new engine on the same file, as after a restart.</summary>
public sealed class RandomInterruptionTests(BackendFixture backends)
{
    private const int Interruptions = 100;
    private const int Rows = 1_200;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task SyncAsync_InterruptedAHundredTimesAtRandomPoints_EndsWithTheSameTable(int seed)
    {
        var random = new Random(seed);
        var user = await backends.Main.SignUpWithRowsAsync(Rows, new SeedOptions { DeletedEvery = 10 });
        await using var device = new Device(backends.Main, user)
        {
            Configure = static options => (options.PageSize, options.Commit.Interval) = (10, TimeSpan.Zero),
        };
        var saved = new List<SavedCheckpoint>();
        var interruptions = 0;
        var completions = 0;
        DatasetStatus? before = null;
        while (interruptions < Interruptions)
        {
            if (await InterruptAsync(device, random))
            {
                interruptions++;
            }
            else
            {
                // The whole table is here: from now on it is deltas that are interrupted.
                completions++;
                await backends.Main.SqlAsync(
                    $"""
                    update public.artifacts set name = name || '.' where owner_id = '{user.Id}' and size % 20 = {random.Next(20)};
                    update public.artifacts set deleted_at = now() where owner_id = '{user.Id}' and size % 50 = {random.Next(50)};
                    """);
                await backends.Main.InsertArtifactsAsync(user, 20);
            }

            var now = await device.StatusAsync();
            AssertNotBehind(before, now);
            before = now;
            if (await ReadCheckpointAsync(device) is { } checkpoint)
            {
                saved.Add(checkpoint);
            }
        }

        device.Requests.Before = null;
        await device.SyncToTheEndAsync();
        await device.AssertEqualToServerAsync();
        TestContext.Current.TestOutputHelper?.WriteLine($"Seed {seed}: {interruptions} interruptions, {completions} completed runs, {saved.Count} checkpoints.");

        // Every checkpoint ever saved leads to the same end, also when the rows are newer than it.
        for (var index = 0; index < saved.Count; index += 12)
        {
            await RestoreAsync(device, saved[index]);
            await device.SyncToTheEndAsync();
            await device.AssertEqualToServerAsync();
        }
    }

    /// <returns>False when the run was through before the interruption came.</returns>
    private static async Task<bool> InterruptAsync(Device device, Random random)
    {
        using var stop = new CancellationTokenSource();
        var progress = new ProgressRecorder();
        var after = random.Next(0, 5);
        device.Requests.Restart();
        device.Requests.Before = null;
        if (random.Next(2) == 0)
        {
            device.Requests.Before = async number =>
            {
                if (number > after)
                {
                    await stop.CancelAsync();
                }
            };
        }
        else
        {
            var commits = 0;
            progress = new ProgressRecorder(_ =>
            {
                if (commits++ >= after)
                {
                    stop.Cancel();
                }
            });
        }

        try
        {
            await device.SyncAsync(progress: progress, cancellationToken: stop.Token);
            return false;
        }
        catch (OperationCanceledException exception)
        {
            Assert.Equal(stop.Token, exception.CancellationToken);
            return true;
        }
    }

    private static void AssertNotBehind(DatasetStatus? before, DatasetStatus now)
    {
        if (before is null)
        {
            return;
        }

        Assert.True(now.Phase >= before.Phase, $"The phase fell from {before.Phase} to {now.Phase}.");
        Assert.True(now.Revision >= before.Revision, "The revision fell.");
        Assert.True(now.RowsCompleted >= before.RowsCompleted, "The backfill's position fell.");
        Assert.True(before.AsOf is null || now.AsOf >= before.AsOf, "The settled position fell.");
    }

    private static async Task<SavedCheckpoint?> ReadCheckpointAsync(Device device)
    {
        await using var connection = await LocalRows.OpenAsync(device.DatabasePath);
        await using var command = connection.CreateCommand();
        command.CommandText = "select content from agent_sync_checkpoint";
        return await command.ExecuteScalarAsync() is byte[] content ? new SavedCheckpoint(content) : null;
    }

    private static async Task RestoreAsync(Device device, SavedCheckpoint checkpoint)
    {
        await using var connection = await LocalRows.OpenAsync(device.DatabasePath);
        await using var command = connection.CreateCommand();
        command.CommandText = "update agent_sync_checkpoint set content = $content";
        command.Parameters.Add(new SqliteParameter("$content", checkpoint.Content));
        Assert.Equal(1, await command.ExecuteNonQueryAsync());
    }

    private sealed record SavedCheckpoint(byte[] Content);
}
