using BackendHost;

namespace Agent.Sync.IntegrationTests.Backends;

/// <summary>A backend that starts when the first test asks for it.</summary>
/// <param name="options">How it is started.</param>
/// <param name="prepare">Makes what the migrations do not; the API reads the schema again after it. Null for nothing.</param>
internal sealed class SharedBackend(LocalBackendOptions options, Func<Backend, Task>? prepare = null) : IAsyncDisposable
{
    private readonly Lazy<Task<Backend>> _backend = new(() => StartAsync(options, prepare));

    public Task<Backend> GetAsync() => _backend.Value;

    public async ValueTask DisposeAsync()
    {
        if (_backend is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            await (await _backend.Value).DisposeAsync();
        }
    }

    private static async Task<Backend> StartAsync(LocalBackendOptions options, Func<Backend, Task>? prepare)
    {
        var backend = await Backend.StartAsync(options);
        if (prepare is not null)
        {
            await prepare(backend);
            await backend.Host.RestartAsync();
        }

        return backend;
    }
}
