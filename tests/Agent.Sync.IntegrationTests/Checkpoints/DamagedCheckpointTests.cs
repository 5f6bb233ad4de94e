using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using Agent.Sync.Stores;
using Microsoft.Data.Sqlite;

namespace Agent.Sync.IntegrationTests.Checkpoints;

/// <summary>Checkpoints in the SQLite file, damaged from outside.</summary>
public sealed class DamagedCheckpointTests(BackendFixture backends)
{
    private const int Rows = 60;

    public enum Damage
    {
        Flipped,
        Truncated,
        Zeroed,
        Empty,
        Extended,
        OfAnotherFile,
        OfAnotherDataset,
        OfAnotherVersion,
        NotABlob,
        NegativeRevision,
    }

    [Theory]
    [InlineData(Damage.Flipped, SyncErrorKind.CheckpointRefused)]
    [InlineData(Damage.Truncated, SyncErrorKind.CheckpointRefused)]
    [InlineData(Damage.Zeroed, SyncErrorKind.CheckpointRefused)]
    [InlineData(Damage.Empty, SyncErrorKind.CheckpointRefused)]
    [InlineData(Damage.Extended, SyncErrorKind.CheckpointRefused)]
    [InlineData(Damage.OfAnotherFile, SyncErrorKind.CheckpointRefused)]
    [InlineData(Damage.OfAnotherDataset, SyncErrorKind.CheckpointRefused)]
    [InlineData(Damage.OfAnotherVersion, SyncErrorKind.CheckpointTooNew)]
    [InlineData(Damage.NotABlob, SyncErrorKind.CheckpointRefused)]
    [InlineData(Damage.NegativeRevision, SyncErrorKind.CheckpointRefused)]
    public async Task SyncAsync_DamagedCheckpoint_IsRefusedUntilReset(Damage damage, SyncErrorKind kind)
    {
        var user = await backends.Main.SignUpWithRowsAsync(Rows);
        await using var device = new Device(backends.Main, user);
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await DamageAsync(device, user, damage);

        var failure = await Assert.ThrowsAnyAsync<SyncException>(() => device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken));
        var full = await Assert.ThrowsAnyAsync<SyncException>(
            () => device.SyncAsync(new SyncRequest { FullResync = true }, cancellationToken: TestContext.Current.CancellationToken));
        var asked = await Assert.ThrowsAnyAsync<SyncException>(device.StatusAsync);

        Assert.Equal((kind, kind, kind), (failure.Kind, full.Kind, asked.Kind));
        Assert.False(failure.IsTransient);
        Assert.Equal(Rows, await device.CountAsync());

        await device.ResetAsync();
        Assert.Equal(Rows, await device.CountAsync());
        var repaired = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(SyncOutcome.Completed, repaired.Outcome);
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task GetStatusAsync_AnyByteOfTheCheckpointChanged_IsRefused()
    {
        var user = await backends.Main.SignUpWithRowsAsync(10);
        await using var device = new Device(backends.Main, user);
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        var content = await ReadAsync(device);
        await using var open = device.Open();
        for (var index = 0; index < content.Length; index++)
        {
            var changed = content.ToArray();
            changed[index] ^= (byte)(1 << index % 8);
            await WriteAsync(device, changed);

            var failure = await Assert.ThrowsAnyAsync<SyncException>(() => open.Engine.GetStatusAsync(TestContext.Current.CancellationToken));

            Assert.True(failure.Kind is SyncErrorKind.CheckpointRefused or SyncErrorKind.CheckpointTooNew, $"Byte {index}: {failure.Kind}.");
        }

        await WriteAsync(device, content);
        Assert.Equal(SyncPhase.Delta, (await open.Engine.GetStatusAsync(TestContext.Current.CancellationToken)).Datasets[0].Phase);
    }

    [Fact]
    public async Task ResetAsync_GoodCheckpoint_ForgetsThePositionAndKeepsTheRows()
    {
        var user = await backends.Main.SignUpWithRowsAsync(Rows);
        await using var device = new Device(backends.Main, user);
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await backends.Main.SqlAsync($"delete from public.artifacts where owner_id = '{user.Id}' and substr(name, 10)::int <= 10");

        await device.ResetAsync();

        Assert.Equal(SyncPhase.NotStarted, (await device.StatusAsync()).Phase);
        Assert.Equal(Rows, await device.CountAsync());
        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(10, result.Deleted);
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task ResetAsync_UnknownDataset_ThrowsArgumentException()
    {
        var user = await backends.Main.SignUpAsync();
        await using var device = new Device(backends.Main, user);
        await using var open = device.Open();

        await Assert.ThrowsAnyAsync<ArgumentException>(() => open.Engine.ResetAsync("no_such", TestContext.Current.CancellationToken));
    }

    private async Task DamageAsync(Device device, TestUser user, Damage damage)
    {
        var content = await ReadAsync(device);
        switch (damage)
        {
            case Damage.Flipped:
                content[content.Length / 2] ^= 0x10;
                break;
            case Damage.Truncated:
                content = content[..(content.Length / 2)];
                break;
            case Damage.Zeroed:
                Array.Clear(content);
                break;
            case Damage.Empty:
                content = [];
                break;
            case Damage.Extended:
                content = [.. content, 32];
                break;
            case Damage.OfAnotherFile:
                await using (var other = new Device(backends.Main, user))
                {
                    await other.SyncAsync();
                    content = await ReadAsync(other);
                }

                break;
            case Damage.OfAnotherDataset:
                device.Datasets = [Datasets.Projects];
                await device.SyncAsync();
                content = await ReadAsync(device, "where slot <> $known");
                device.Datasets = [Datasets.Artifacts];
                break;
            case Damage.OfAnotherVersion:
                content[0]++;
                break;
            case Damage.NotABlob:
                await LocalRows.ScalarAsync(device.DatabasePath, "update agent_sync_checkpoint set content = 'text'");
                return;
            case Damage.NegativeRevision:
                await LocalRows.ScalarAsync(device.DatabasePath, "update agent_sync_checkpoint set revision = -1");
                return;
            default:
                throw new ArgumentOutOfRangeException(nameof(damage));
        }

        await WriteAsync(device, content);
    }

    private static string SlotOf(Dataset dataset) => CheckpointId.For(dataset).Id;

    private static async Task<byte[]> ReadAsync(Device device, string condition = "where slot = $known")
    {
        await using var connection = await LocalRows.OpenAsync(device.DatabasePath);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // One of two constants.
        command.CommandText = $"select content from agent_sync_checkpoint {condition}";
#pragma warning restore CA2100
        command.Parameters.Add(new SqliteParameter("$known", SlotOf(Datasets.Artifacts)));
        return (byte[])(await command.ExecuteScalarAsync())!;
    }

    private static async Task WriteAsync(Device device, byte[] content)
    {
        await using var connection = await LocalRows.OpenAsync(device.DatabasePath);
        await using var command = connection.CreateCommand();
        command.CommandText = "update agent_sync_checkpoint set content = $content where slot = $known";
        command.Parameters.Add(new SqliteParameter("$content", content));
        command.Parameters.Add(new SqliteParameter("$known", SlotOf(Datasets.Artifacts)));
        Assert.Equal(1, await command.ExecuteNonQueryAsync());
    }
}
