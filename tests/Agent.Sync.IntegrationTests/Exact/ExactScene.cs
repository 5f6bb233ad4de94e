using System.Globalization;
using System.Text.Json;
using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Exact;

/// <summary>One test's user with a device, and a range of keys of its own.</summary>
internal sealed class ExactScene : IAsyncDisposable
{
    private static long _lastRange;

    private ExactScene(Backend backend, TestUser user, Device device)
    {
        Backend = backend;
        User = user;
        Device = device;
        First = Interlocked.Add(ref _lastRange, 1_000_000);
    }

    public Backend Backend { get; }

    public TestUser User { get; }

    public Device Device { get; }

    /// <summary>Gets the key before the test's first: rows are 1, 2, ... above it.</summary>
    public long First { get; }

    public static async Task<ExactScene> OpenAsync(Backend backend, params Dataset[] datasets)
    {
        backend.RequireSessions();
        var user = await backend.SignUpAsync();
        var device = new Device(backend, user, datasets.Length > 0 ? datasets : [ExactDatasets.Notes])
        {
            Configure = static options => options.PageSize = 10,
        };
        return new ExactScene(backend, user, device);
    }

    public long Id(int row) => First + row;

    public string Insert(int from, int count, string table = "notes", string label = "'n'") => string.Create(
        CultureInfo.InvariantCulture,
        $"insert into public.{table} (id, owner_id, label) select {First} + i, '{User.Id}', {label} from generate_series({from}, {from + count - 1}) as i;");

    public string Update(string set, string where = "true", string table = "notes") =>
        string.Create(CultureInfo.InvariantCulture, $"update public.{table} set {set} where {Within(where)};");

    public string Delete(string where = "true", string table = "notes") =>
        string.Create(CultureInfo.InvariantCulture, $"delete from public.{table} where {Within(where)};");

    public Task<IReadOnlyList<JsonElement>> SqlAsync(string sql, string? session = null) =>
        Backend.Host.SqlAsync(sql, session, TestContext.Current.CancellationToken);

    public async Task CommitAsync(string session)
    {
        await SqlAsync("commit", session);
        await Backend.Host.CloseSessionAsync(session, TestContext.Current.CancellationToken);
    }

    public async Task<DatasetResult> SyncAsync(SyncRequest? request = null) =>
        (await Device.SyncAsync(request, cancellationToken: TestContext.Current.CancellationToken)).Datasets[0];

    /// <summary>Fails unless every local table is what the user may see.</summary>
    public async Task AssertEqualAsync()
    {
        foreach (var dataset in Device.Datasets)
        {
            await Device.AssertEqualToServerAsync(dataset);
        }
    }

    public ValueTask DisposeAsync() => Device.DisposeAsync();

    // A row is numbered by its place in the test's range.
    private string Within(string where) => string.Create(
        CultureInfo.InvariantCulture, $"id > {First} and id < {First + 1_000_000} and ({where.Replace("row", $"(id - {First})", StringComparison.Ordinal)})");
}
