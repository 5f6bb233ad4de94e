using Agent.Sync;
using Agent.Sync.Hosting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lets the host run engines in the background.</summary>
public static class AgentSyncHostingExtensions
{
    private const string LogCategory = "Agent.Sync.Hosting";

    /// <summary>Runs the container's engine in the background of the host.</summary>
    /// <remarks>
    /// The container then provides <see cref="HostedSync"/> too, under the engine's name as key if it has one. Options are checked when the host starts; set options from a section
    /// with <c>services.AddOptions&lt;HostedSyncOptions&gt;(name).Bind(section)</c>. The clock is the container's <see cref="TimeProvider"/>, or the system's.
    /// </remarks>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets when it runs, such as <c>h => h.Every(TimeSpan.FromMinutes(1))</c>. Null, the default, keeps the defaults.</param>
    /// <param name="name">The name of the engine, as given to <c>AddAgentSync</c>. Null, the default, for the one without a name.</param>
    /// <returns>The services.</returns>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    /// <exception cref="InvalidOperationException">This engine is hosted already.</exception>
    public static IServiceCollection AddHostedSync(this IServiceCollection services, Action<HostedSyncOptions>? configure = null, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (name is not null)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(name);
        }

        if (services.Any(service => service.ServiceType == typeof(HostedSync) && Equals(service.ServiceKey, name)))
        {
            throw new InvalidOperationException(name is null
                ? "AddHostedSync was called twice: the engine without a name is hosted already."
                : $"AddHostedSync was called twice for the engine '{name}': it is hosted already.");
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<HostedSyncOptions>, HostedSyncOptionsValidator>());
        var options = services.AddOptions<HostedSyncOptions>(name ?? Options.Options.DefaultName).ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.Add(new ServiceDescriptor(typeof(HostedSync), name, (_, _) => new HostedSync(name), ServiceLifetime.Singleton));
        return services.AddSingleton<IHostedService>(provider => new HostedSyncService(CreateLoop(provider, name)));
    }

    /// <summary>Runs this builder's engine in the background of the host.</summary>
    /// <param name="builder">The builder that <c>AddAgentSync</c> returned.</param>
    /// <param name="configure">Sets when it runs, such as <c>h => h.Every(TimeSpan.FromMinutes(1))</c>. Null, the default, keeps the defaults.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="InvalidOperationException">The builder has no container, or its engine is hosted already.</exception>
    public static SyncEngineBuilder AddHostedSync(this SyncEngineBuilder builder, Action<HostedSyncOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services
            ?? throw new InvalidOperationException("AddHostedSync needs a host: call it on the builder that services.AddAgentSync() returns. Without a host, call SyncAsync yourself.");
        services.AddHostedSync(configure, builder.Name);
        return builder;
    }

    private static HostedSyncLoop CreateLoop(IServiceProvider provider, string? name)
    {
        var engine = Find<ISyncEngine>(provider, name) ?? throw new InvalidOperationException(name is null
            ? "AddHostedSync found no engine: call services.AddAgentSync() too, or give AddHostedSync the name of the engine."
            : $"AddHostedSync found no engine '{name}': call services.AddAgentSync(\"{name}\") too.");
        var options = name ?? Options.Options.DefaultName;
        return new HostedSyncLoop(
            Find<HostedSync>(provider, name)!,
            engine,
            provider.GetRequiredService<IOptionsMonitor<HostedSyncOptions>>().Get(options),
            provider.GetService<IOptionsMonitor<SyncOptions>>()?.Get(options).SignedInUser,
#pragma warning disable RS0030 // The composition root may name the system's clock and source of randomness.
            provider.GetService<TimeProvider>() ?? TimeProvider.System,
            provider.GetService<ILoggerFactory>()?.CreateLogger(LogCategory) ?? NullLogger.Instance,
            Random.Shared.NextDouble);
#pragma warning restore RS0030
    }

    private static T? Find<T>(IServiceProvider provider, string? name)
        where T : class => name is null ? provider.GetService<T>() : provider.GetKeyedService<T>(name);
}
