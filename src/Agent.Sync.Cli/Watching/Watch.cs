using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.Cli.Watching;

/// <summary>Runs an engine until it is cancelled, in the rhythm of Agent.Sync.Hosting.</summary>
internal static class Watch
{
    /// <returns>The exit code of the last run; null when it was interrupted.</returns>
    public static async Task<int?> RunAsync(WatchedEngine engine, TimeSpan interval, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        await using var provider = new ServiceCollection()
            .AddSingleton<ISyncEngine>(engine)
            .AddSingleton(time)
            .AddSingleton(loggers)
            .AddHostedSync(options => options.Every(interval))
            .BuildServiceProvider();
        var hosted = provider.GetRequiredService<IHostedService>();
        await hosted.StartAsync(CancellationToken.None);
        try
        {
            var refused = await engine.Refused.WaitAsync(cancellationToken);
            throw refused;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The run under way ends at a commit.
        }
        finally
        {
            await hosted.StopAsync(CancellationToken.None);
        }

        return engine.ExitCode;
    }
}
