using Agent.Sync.Checkpoints;
using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using Agent.Sync.Stores;
using Agent.Sync.Testing;

namespace Agent.Sync.IntegrationTests.Checkpoints;

/// <summary>An app with a local store of its own: the checkpoint is in a file beside it.</summary>
public sealed class FileCheckpointTests(BackendFixture backends)
{
    private const int Rows = 300;

    [Fact]
    public async Task SyncAsync_RowsInOneStoreAndCheckpointInFiles_ResumesAndFollows()
    {
        var user = await backends.Main.SignUpWithRowsAsync(Rows);
        await using var device = NewDevice(user);
        var rows = new InMemoryLocalStore();
        using var stop = new CancellationTokenSource();
        device.Requests.Before = async number =>
        {
            if (number == 5)
            {
                await stop.CancelAsync();
            }
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Open(device, rows).SyncAsync(cancellationToken: stop.Token));
        device.Requests.Before = null;
        Assert.InRange(rows.GetRows("artifacts").Count, 20, 100);
        await Open(device, rows).SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await backends.Main.InsertArtifactsAsync(user, 7);
        var result = await Open(device, rows).SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(7, result.Applied);
        Assert.Equal(Rows + 7, rows.GetRows("artifacts").Count);
    }

    [Theory]
    [InlineData("truncated", SyncErrorKind.CheckpointRefused)]
    [InlineData("zeroed", SyncErrorKind.CheckpointRefused)]
    [InlineData("flipped", SyncErrorKind.CheckpointRefused)]
    [InlineData("emptied", SyncErrorKind.CheckpointRefused)]
    [InlineData("foreign", SyncErrorKind.CheckpointRefused)]
    public async Task SyncAsync_DamagedFile_IsRefusedUntilResetAndThenRepaired(string damage, SyncErrorKind kind)
    {
        var user = await backends.Main.SignUpWithRowsAsync(Rows);
        await using var device = NewDevice(user);
        var rows = new InMemoryLocalStore();
        await Open(device, rows).SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        var path = CheckpointFile(device);
        var content = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        switch (damage)
        {
            case "truncated":
                content = content[..(content.Length / 2)];
                break;
            case "zeroed":
                Array.Clear(content);
                break;
            case "flipped":
                content[content.Length / 2] ^= 1;
                break;
            case "emptied":
                content = [];
                break;
            default:
                await using (var other = NewDevice(user))
                {
                    await Open(other, new InMemoryLocalStore()).SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
                    content = await File.ReadAllBytesAsync(CheckpointFile(other), TestContext.Current.CancellationToken);
                }

                break;
        }

        await File.WriteAllBytesAsync(path, content, TestContext.Current.CancellationToken);

        var failure = await Assert.ThrowsAnyAsync<SyncException>(
            () => Open(device, rows).SyncAsync(cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(kind, failure.Kind);
        Assert.Equal(Rows, rows.GetRows("artifacts").Count);
        await Open(device, rows).ResetAsync("artifacts", TestContext.Current.CancellationToken);
        await backends.Main.SqlAsync($"delete from public.artifacts where owner_id = '{user.Id}' and substr(name, 10)::int <= 10");
        var repaired = await Open(device, rows).SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(SyncOutcome.Completed, repaired.Outcome);
        Assert.Equal(Rows - 10, rows.GetRows("artifacts").Count);
    }

    [Fact]
    public async Task SyncAsync_RowsLostButCheckpointKept_RequiresAResync()
    {
        var user = await backends.Main.SignUpWithRowsAsync(Rows);
        await using var device = NewDevice(user);
        await Open(device, new InMemoryLocalStore()).SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        var rows = new InMemoryLocalStore();

        var refused = await Open(device, rows).SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(SyncOutcome.ResyncRequired, refused.Outcome);
        Assert.Equal(ResyncReason.StoreReplaced, refused.Datasets[0].ResyncReason);
        await Open(device, rows).SyncAsync(new SyncRequest { FullResync = true }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(Rows, rows.GetRows("artifacts").Count);
    }

    [Fact]
    public async Task SyncAsync_CheckpointLostButRowsKept_ReadsEverythingAgain()
    {
        var user = await backends.Main.SignUpWithRowsAsync(Rows);
        await using var device = NewDevice(user);
        var rows = new InMemoryLocalStore();
        await Open(device, rows).SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        File.Delete(CheckpointFile(device));
        await backends.Main.SqlAsync($"delete from public.artifacts where owner_id = '{user.Id}' and substr(name, 10)::int <= 10");

        var result = await Open(device, rows).SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(SyncOutcome.Completed, result.Outcome);
        Assert.Equal(10, result.Deleted);
        Assert.Equal(Rows - 10, rows.GetRows("artifacts").Count);
    }

    private Device NewDevice(TestUser user) => new(backends.Main, user)
    {
        Configure = static options => (options.PageSize, options.Commit.Interval) = (20, TimeSpan.Zero),
    };

    private static string CheckpointDirectory(Device device) => Path.Combine(device.Folder, "checkpoints");

    private static string CheckpointFile(Device device) => Directory
        .GetFiles(CheckpointDirectory(device), CheckpointId.For(Datasets.Artifacts).Id + "*")
        .Single(static path => !Path.GetFileName(path).Contains("lease", StringComparison.Ordinal) && !Path.GetFileName(path).Contains("lock", StringComparison.Ordinal));

    private static ISyncEngine Open(Device device, InMemoryLocalStore rows) => device.Build(
        builder => builder.UseLocalStore(rows).UseCheckpointStore(new FileCheckpointStore(CheckpointDirectory(device))));
}
