using LocalBackend;

namespace Agent.Sync.IntegrationTests.Backends;

/// <summary>A backend that starts when the first test asks for it.</summary>
internal sealed class SharedBackend(LocalBackendOptions options) : IAsyncDisposable
{
    private readonly Lazy<Task<Backend>> _backend = new(() => Backend.StartAsync(options));

    public Task<Backend> GetAsync() => _backend.Value;

    public async ValueTask DisposeAsync()
    {
        if (_backend is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            await (await _backend.Value).DisposeAsync();
        }
    }
}
