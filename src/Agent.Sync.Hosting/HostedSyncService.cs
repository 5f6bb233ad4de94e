using Microsoft.Extensions.Hosting;

namespace Agent.Sync.Hosting;

/// <summary>Binds the loop to the host: it starts with the host, and the host awaits its end.</summary>
internal sealed class HostedSyncService(HostedSyncLoop loop) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => loop.RunAsync(stoppingToken);
}
