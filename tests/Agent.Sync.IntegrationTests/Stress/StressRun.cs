using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using BackendHost;

namespace Agent.Sync.IntegrationTests.Stress;

/// <summary>Writers, users and clients on a backend of their own.</summary>
internal sealed class StressRun(StressSettings settings) : IAsyncDisposable
{
    private readonly List<StressClient> _clients = [];
    private Backend? _backend;
    private AuditTrail? _audit;

    public StressReport Report { get; } = new();

    /// <summary>Runs everything at once for the time set, then lets the writers end.</summary>
    public async Task RunAsync()
    {
        _backend = await Backend.StartAsync(new LocalBackendOptions { Kit = settings.Kit });
        _backend.RequireSessions();
        _audit = new AuditTrail(_backend);
        await _audit.InstallAsync();
        var ada = await _backend.SignUpWithRowsAsync(settings.Rows);
        var bob = await _backend.SignUpWithRowsAsync(settings.Rows);
        foreach (var user in (TestUser[])[ada, ada, bob])
        {
            _clients.Add(new StressClient(_backend, user, settings, Report, _clients.Count + 1));
        }

        using var stop = new CancellationTokenSource(settings.Duration);
        var writers = Enumerable.Range(1, settings.Writers)
            .Select(number => new ServerWriter(_backend.Host.DatabaseConnectionString!, settings, [ada, bob], Report, number))
            .Select(writer => Task.Run(() => writer.RunAsync(stop.Token)));
        await Task.WhenAll([.. writers, .. _clients.Select(client => Task.Run(() => client.RunAsync(stop.Token)))]);
    }

    /// <summary>Syncs every client to the end and fails unless each holds what its user may see, and no edit is lost.</summary>
    public async Task AssertConvergedAsync(CompletenessGrade grade)
    {
        // Twice: what the last of them pushes is the first one's to pull.
        for (var round = 0; round < 2; round++)
        {
            foreach (var client in _clients)
            {
                Assert.Equal(grade, (await client.SyncToTheEndAsync()).Grade);
            }
        }

        var names = await _audit!.NamesAsync();
        var goneOrNeverThere = await _audit.GoneOrNeverThereAsync();
        foreach (var client in _clients)
        {
            var quarantined = await client.CheckEditsAsync(names, goneOrNeverThere);
            Assert.Empty(await DifferencesAsync(client.Device, quarantined));
        }
    }

    /// <summary>Returns the rows, quarantined ones aside, that differ between a device and what its user may see.</summary>
    public async Task<IReadOnlyList<string>> DifferencesAsync()
    {
        var all = new List<string>();
        foreach (var client in _clients)
        {
            await client.SyncToTheEndAsync();
            all.AddRange(await DifferencesAsync(client.Device, []));
        }

        return all;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }

        if (_backend is not null)
        {
            await _backend.DisposeAsync();
        }
    }

    private async Task<IReadOnlyList<string>> DifferencesAsync(Device device, HashSet<Guid> except)
    {
        var server = (await ServerRows.ReadAsync(_backend!, device.User, Datasets.Artifacts)).Where(IsCompared).ToHashSet(StringComparer.Ordinal);
        var local = (await LocalRows.ReadAsync(device.DatabasePath, Datasets.Artifacts)).Where(IsCompared).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. server.Except(local).Select(static row => "only on the server: " + Shown(row)),
            .. local.Except(server).Select(static row => "only here: " + Shown(row)),
        ];

        bool IsCompared(string row) => !except.Contains(Guid.Parse(row.AsSpan(0, row.IndexOf(ServerRows.Separator, StringComparison.Ordinal))));
    }

    private static string Shown(string row) => row.Replace(ServerRows.Separator, '|').Replace(ServerRows.Null, '~');
}
