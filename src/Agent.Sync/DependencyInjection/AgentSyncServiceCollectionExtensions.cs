using Agent.Sync;
using Agent.Sync.DependencyInjection;
using Agent.Sync.Engine;
using Agent.Sync.Resilience;
using Agent.Sync.Stores;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers engines with Microsoft.Extensions.DependencyInjection.</summary>
public static class AgentSyncServiceCollectionExtensions
{
    /// <summary>The name of the engine's HTTP client, to add handlers of the app. For a named engine it is this, a slash and the engine's name.</summary>
    /// <remarks>
    /// This client does not get what <c>ConfigureHttpClientDefaults</c> adds to every client, such as a resilience handler: the engine has retries, timeouts and a
    /// breaker of its own, and they would multiply. Add what the client needs by this name.
    /// </remarks>
    public const string HttpClientName = "Agent.Sync";

    /// <summary>Registers an <see cref="ISyncEngine"/> as a singleton, and returns its builder.</summary>
    /// <remarks>
    /// <para>
    /// The container supplies what the builder was not given: <see cref="ILocalStore"/> and, unless that store keeps its checkpoints itself, <see cref="ICheckpointStore"/>,
    /// under the engine's name as key if it has one; <see cref="ILoggerFactory"/>, <see cref="System.Diagnostics.Metrics.IMeterFactory"/> and <see cref="TimeProvider"/> where they are registered.
    /// </para>
    /// <para>
    /// Options are checked when the host starts, or else when the engine is first requested. <see cref="OptionsValidationException"/> names everything that is wrong. Set options
    /// that need other services with <c>services.AddOptions&lt;SyncOptions&gt;(name).Configure&lt;TService&gt;(...)</c>.
    /// </para>
    /// </remarks>
    /// <param name="services">The services.</param>
    /// <param name="name">The key of the engine and of its stores, and the name of its options: one per project, or per user, of a host that has several. Null, the default, for the one without a key.</param>
    /// <param name="section">A configuration section to bind <see cref="SyncOptions"/> to, such as <c>configuration.GetSection("AgentSync")</c>, with its datasets (see <see cref="DatasetConfiguration"/>); AGENT_SYNC_* variables and code win over it, and <c>AddDataset</c> adds to it. Null, the default, for none.</param>
    /// <param name="configure">Sets options, as <see cref="SyncEngineBuilder.Configure"/> does. Null, the default, sets none.</param>
    /// <returns>The builder; the container builds the engine.</returns>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    /// <exception cref="InvalidOperationException">An engine of this name is already registered.</exception>
    public static SyncEngineBuilder AddAgentSync(
        this IServiceCollection services, string? name = null, IConfigurationSection? section = null, Action<SyncOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (name is not null)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(name);
        }

        if (services.Any(service => service.ServiceType == typeof(ISyncEngine) && Equals(service.ServiceKey, name)))
        {
            throw new InvalidOperationException(name is null
                ? "AddAgentSync was called twice: configure the one engine, or give the second one a name."
                : $"AddAgentSync was called twice with the name '{name}': configure the one engine, or give the second one another name.");
        }

        var options = name ?? Options.Options.DefaultName;
        var client = name is null ? HttpClientName : $"{HttpClientName}/{name}";
        EnvironmentFirst.Add(services);
        if (section is not null)
        {
            ConfigurationFirst.Add(services, options, section);
        }

        services.TryAddEnumerable(SyncOptionsCheck.Validators.Select(static validator => ServiceDescriptor.Singleton(validator)));
        services.AddOptions<SyncOptions>(options).ValidateOnStart();
        OwnHandlers.Add(services, client)
            .ConfigurePrimaryHttpMessageHandler(static () => HttpHandlers.Create())
            // The engine keeps one handler; its pooled connections end by their own lifetime.
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            // The factory's own logs hold URLs, and ours hold rows' values.
            .RemoveAllLoggers();

        var builder = new SyncEngineBuilder(services, options);
        services.Add(new ServiceDescriptor(typeof(ISyncEngine), name, (provider, _) => builder.Compose(provider, client), ServiceLifetime.Singleton));
        return configure is null ? builder : builder.Configure(configure);
    }
}
