using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Verify;

/// <summary>A user's device whose file a test changes behind the store's back, and what a verify says of it.</summary>
internal sealed class VerifyScene(Backend backend, TestUser user, params Dataset[] datasets) : IAsyncDisposable
{
    public Device Device { get; } = new(backend, user, datasets) { Configure = static options => options.PageSize = 50 };

    public TestUser User => user;

    public Dataset Dataset => Device.Datasets[0];

    public async Task<VerifyResult> VerifyAsync(bool repair = false, Func<VerifyOptions, VerifyOptions>? with = null, CancellationToken? cancellationToken = null, IProgress<VerifyProgress>? progress = null)
    {
        await using var open = Device.Open();
        return await open.Engine.VerifyAsync(
            Dataset.Name, (with ?? (static options => options))(new VerifyOptions { Repair = repair }), progress, cancellationToken ?? TestContext.Current.CancellationToken);
    }

    public async Task<DatasetResult> SyncAsync() => (await Device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken)).Datasets[0];

    /// <summary>Runs SQL on the local file that no trigger records, as a damaged file, another program or a restored backup would have it.</summary>
    public async Task TamperAsync(string sql)
    {
        await using var connection = await LocalRows.OpenAsync(Device.DatabasePath);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The tests' own statements.
        command.CommandText = $"begin immediate; insert into agent_sync_applying (id) values (1); {sql}; delete from agent_sync_applying; commit;";
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Edits a local row as the app does.</summary>
    public async Task EditAsync(string sql)
    {
        await using var connection = await LocalRows.OpenAsync(Device.DatabasePath);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The tests' own statements.
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    public Task AssertEqualAsync() => Device.AssertEqualToServerAsync(Dataset);

    public ValueTask DisposeAsync() => Device.DisposeAsync();
}
