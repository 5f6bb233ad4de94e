using Agent.Sync.IntegrationTests.Backends;
using BackendHost;

namespace Agent.Sync.IntegrationTests.Outages;

/// <summary>A backend that tests may kill: what it acknowledged is there afterwards.</summary>
public sealed class DurableBackend : IAsyncLifetime
{
    private Backend? _backend;

    public Backend Backend => _backend ?? throw new InvalidOperationException("The backend is not running.");

    public async ValueTask InitializeAsync() => _backend = await Backend.StartAsync(new LocalBackendOptions { Durable = true });

    public ValueTask DisposeAsync() => _backend?.DisposeAsync() ?? ValueTask.CompletedTask;
}
