using System.Diagnostics.Metrics;
using Agent.Sync;
using Agent.Sync.DependencyInjection;
using Agent.Sync.Engine;
using Agent.Sync.Resilience;
using Agent.Sync.Stores;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers engines with Microsoft.Extensions.DependencyInjection.</summary>
/// <remarks>
/// <para>
/// An engine is a singleton. It takes <see cref="ILocalStore"/> and, unless that store keeps its checkpoints itself,
/// <see cref="ICheckpointStore"/> from the container; a named engine takes the ones registered under its name as key.
/// <see cref="ILoggerFactory"/>, <see cref="IMeterFactory"/> and <see cref="TimeProvider"/> are used when they are there.
/// </para>
/// <para>
/// Options are checked when the host starts, or else when the engine is first asked for:
/// <see cref="OptionsValidationException"/> names everything that is wrong, as the builder's does. AGENT_SYNC_* variables
/// are applied before everything else, so code and configuration win over them.
/// </para>
/// </remarks>
public static class AgentSyncServiceCollectionExtensions
{
    /// <summary>The name of the HTTP client, for handlers of the app's: a named engine's is this, a slash and its name.</summary>
    /// <remarks>
    /// What <c>ConfigureHttpClientDefaults</c> puts before every client, such as a resilience handler, is kept away from this one: the engine has its own retries,
    /// timeouts and breaker, and they would multiply. Add what it needs by this name.
    /// </remarks>
    public const string HttpClientName = "Agent.Sync";

    /// <summary>Registers <see cref="ISyncEngine"/>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddAgentSync(this IServiceCollection services, Action<SyncOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return services.AddAgentSync((options, _) => configure(options));
    }

    /// <summary>Registers <see cref="ISyncEngine"/>, with options that need other services, such as the app's session.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options; the provider is the root one.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddAgentSync(this IServiceCollection services, Action<SyncOptions, IServiceProvider> configure)
    {
        AddShared(services, Microsoft.Extensions.Options.Options.DefaultName, HttpClientName, configure);
        services.TryAddSingleton<ISyncEngine>(static provider => Compose(
            provider,
            Microsoft.Extensions.Options.Options.DefaultName,
            HttpClientName,
            provider.GetService<ILocalStore>(),
            provider.GetService<ICheckpointStore>()));
        return services;
    }

    /// <summary>Registers <see cref="ISyncEngine"/> under a key: one per project, or per user, of a host that has several.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">The key of the engine and of its stores, and the name of its options.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The services.</returns>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static IServiceCollection AddAgentSync(this IServiceCollection services, string name, Action<SyncOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return services.AddAgentSync(name, (options, _) => configure(options));
    }

    /// <summary>Registers <see cref="ISyncEngine"/> under a key, with options that need other services.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">The key of the engine and of its stores, and the name of its options.</param>
    /// <param name="configure">Sets the options; the provider is the root one.</param>
    /// <returns>The services.</returns>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static IServiceCollection AddAgentSync(this IServiceCollection services, string name, Action<SyncOptions, IServiceProvider> configure)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var client = $"{HttpClientName}/{name}";
        AddShared(services, name, client, configure);
        services.TryAddKeyedSingleton<ISyncEngine>(name, (provider, _) => Compose(
            provider,
            name,
            client,
            provider.GetKeyedService<ILocalStore>(name),
            provider.GetKeyedService<ICheckpointStore>(name)));
        return services;
    }

    private static void AddShared(IServiceCollection services, string name, string client, Action<SyncOptions, IServiceProvider> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        EnvironmentFirst.Add(services);
        services.TryAddEnumerable(SyncOptionsCheck.Validators.Select(static validator => ServiceDescriptor.Singleton(validator)));
        services.AddOptions<SyncOptions>(name).Configure(configure).ValidateOnStart();
        OwnHandlers.Add(services, client)
            .ConfigurePrimaryHttpMessageHandler(static () => HttpHandlers.Create())
            // The engine keeps one handler; its pooled connections end by their own lifetime.
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            // The factory's own logs hold URLs, and ours hold rows' values.
            .RemoveAllLoggers();
    }

    private static StandaloneSyncEngine Compose(
        IServiceProvider provider, string name, string client, ILocalStore? local, ICheckpointStore? checkpoints) => new EngineIngredients
        {
            Options = provider.GetRequiredService<IOptionsMonitor<SyncOptions>>().Get(name),
            Local = local ?? throw NoLocalStore(name),
            Checkpoints = checkpoints,
            Handler = provider.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler(client),
            Loggers = provider.GetService<ILoggerFactory>(),
            Meters = provider.GetService<IMeterFactory>(),
            Time = provider.GetService<TimeProvider>(),
        }.Compose();

    private static InvalidOperationException NoLocalStore(string name) => new(name.Length == 0
        ? "The engine needs a local store: register an ILocalStore, or call AddAgentSyncSqlite(path) of Agent.Sync.Sqlite."
        : $"The engine '{name}' needs a local store of its own: register an ILocalStore under this key, or call AddAgentSyncSqlite(\"{name}\", path) of Agent.Sync.Sqlite.");
}
