using Agent.Sync.IntegrationTests.Backends;
using BackendHost;

namespace Agent.Sync.IntegrationTests.PGlite;

/// <summary>A backend on PGlite, with the SQL kit on every table but <c>push_read_only</c>, where it was switched on and off again.</summary>
public sealed class PGliteBackend : IAsyncLifetime
{
    private Backend? _backend;

    public Backend Backend => _backend ?? throw new InvalidOperationException("The backend is not running.");

    public async ValueTask InitializeAsync()
    {
        _backend = await Backend.StartAsync(new LocalBackendOptions { Engine = LocalBackendEngine.PGlite });
        await PushTables.CreateAsync(_backend);
        await PushTables.EnableKitAsync(_backend);
        await _backend.SqlAsync("select agent_sync.disable('public.push_read_only')");
        await _backend.Host.RestartAsync();
    }

    public ValueTask DisposeAsync() => _backend?.DisposeAsync() ?? ValueTask.CompletedTask;
}
