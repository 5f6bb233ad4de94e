using Agent.Sync.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Agent.Sync.DependencyInjection;

/// <summary>Puts a bound section before whatever else configures the options: the environment variables and code win over it.</summary>
internal static class ConfigurationFirst
{
    public static void Add(IServiceCollection services, string name, IConfigurationSection section)
    {
        services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<SyncOptions>>(new ConfigureNamedOptions<SyncOptions>(name, options => BoundSection.Apply(section, options))));
    }
}
