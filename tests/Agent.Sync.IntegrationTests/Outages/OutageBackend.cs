using Agent.Sync.IntegrationTests.Backends;
using BackendHost;

namespace Agent.Sync.IntegrationTests.Outages;

/// <summary>A backend that tests may stop.</summary>
public sealed class OutageBackend : IAsyncLifetime
{
    private Backend? _backend;

    public Backend Backend => _backend ?? throw new InvalidOperationException("The backend is not running.");

    public async ValueTask InitializeAsync() => _backend = await Backend.StartAsync(new LocalBackendOptions());

    public ValueTask DisposeAsync() => _backend?.DisposeAsync() ?? ValueTask.CompletedTask;
}
