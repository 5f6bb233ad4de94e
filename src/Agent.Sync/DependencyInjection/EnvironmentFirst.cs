using Agent.Sync.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Agent.Sync.DependencyInjection;

/// <summary>Puts the environment variables before whatever else configures the options, also what the app registered earlier.</summary>
internal static class EnvironmentFirst
{
    public static void Add(IServiceCollection services)
    {
        if (!services.Any(static service => service is { IsKeyedService: false, ImplementationInstance: EnvironmentConfiguration }))
        {
            services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<SyncOptions>>(EnvironmentConfiguration.OfProcess));
        }
    }
}
