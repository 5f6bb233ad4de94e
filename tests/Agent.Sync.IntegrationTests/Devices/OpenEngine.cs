using Agent.Sync.IntegrationTests.Faults;

namespace Agent.Sync.IntegrationTests.Devices;

/// <summary>An engine and the store it works on.</summary>
internal sealed record OpenEngine(ISyncEngine Engine, HookedStore Store) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        switch (Engine)
        {
            case IAsyncDisposable disposable:
                await disposable.DisposeAsync();
                break;
            case IDisposable disposable:
                disposable.Dispose();
                break;
            default:
                break;
        }

        await Store.DisposeAsync();
    }
}
