namespace Agent.Sync.IntegrationTests.Devices;

/// <summary>Several devices that end together.</summary>
internal sealed class DeviceGroup(IEnumerable<Device> devices) : IAsyncDisposable
{
    public IReadOnlyList<Device> Devices { get; } = [.. devices];

    public async ValueTask DisposeAsync()
    {
        foreach (var device in Devices)
        {
            await device.DisposeAsync();
        }
    }
}
