using Agent.Sync;
using Agent.Sync.Auth;
using Agent.Sync.DependencyInjection;
using Agent.Sync.Resilience;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers users' sessions with Microsoft.Extensions.DependencyInjection.</summary>
public static class SupabaseSessionServiceCollectionExtensions
{
    /// <summary>The name of a session's HTTP client, to add handlers of the app. For a named session it is this, a slash and the session's name. Defaults of all clients are kept away from it, as from the engine's.</summary>
    public const string SessionHttpClientName = "Agent.Sync.Session";

    private const string LogCategory = "Agent.Sync";

    /// <summary>Registers a <see cref="SupabaseSession"/> as a singleton, for <see cref="SyncEngineBuilder.UseSession"/> and for the app, which signs in and out by it.</summary>
    /// <remarks>
    /// Nothing is sent when it is made: with <see cref="SupabaseSessionOptions.StateFile"/> the user of the last start is signed in again, with or without a network. Options are checked when
    /// the host starts, or else when the session is first requested. The container gives the clock and the logger unless the options do.
    /// </remarks>
    /// <param name="services">The services.</param>
    /// <param name="name">The key of the session, and the name of its options. An engine of the same name takes it, every other engine the one without. Null, the default, for the one without a name.</param>
    /// <param name="section">A configuration section with <c>Url</c>, <c>ApiKey</c>, <c>AllowInsecureLoopback</c>, <c>StateFile</c> and <c>Retry</c>, which may be the one that <c>AddAgentSync</c> takes. Null, the default, for none.</param>
    /// <param name="configure">Sets options, over the section. Null, the default, sets none.</param>
    /// <returns>The services.</returns>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    /// <exception cref="InvalidOperationException">A session of this name is registered already.</exception>
    public static IServiceCollection AddSupabaseSession(
        this IServiceCollection services, string? name = null, IConfigurationSection? section = null, Action<SupabaseSessionOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (name is not null)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(name);
        }

        if (services.Any(service => service.ServiceType == typeof(SupabaseSession) && Equals(service.ServiceKey, name)))
        {
            throw new InvalidOperationException(name is null
                ? "A SupabaseSession is registered already: configure that one, or give the second one a name."
                : $"A SupabaseSession named '{name}' is registered already: configure that one, or give the second one another name.");
        }

        var client = name is null ? SessionHttpClientName : $"{SessionHttpClientName}/{name}";
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SupabaseSessionOptions>, SessionOptionsRules>());
        var options = services.AddOptions<SupabaseSessionOptions>(name ?? Options.Options.DefaultName).ValidateOnStart();
        if (section is not null)
        {
            options.Configure(target => SessionSection.Apply(section, target));
        }

        if (configure is not null)
        {
            options.Configure(configure);
        }

        options.PostConfigure<IServiceProvider>((target, provider) => Complete(target, provider, client));
        OwnHandlers.Add(services, client).ConfigurePrimaryHttpMessageHandler(static () => HttpHandlers.Create()).SetHandlerLifetime(Timeout.InfiniteTimeSpan).RemoveAllLoggers();
        services.Add(new ServiceDescriptor(typeof(SupabaseSession), name, (provider, _) => Create(provider, name), ServiceLifetime.Singleton));
        return services;
    }

    private static SupabaseSession Create(IServiceProvider provider, string? name) =>
        new(provider.GetRequiredService<IOptionsMonitor<SupabaseSessionOptions>>().Get(name ?? Options.Options.DefaultName));

    private static void Complete(SupabaseSessionOptions options, IServiceProvider provider, string client)
    {
        options.Handler ??= provider.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler(client);
        options.Logger ??= provider.GetService<ILoggerFactory>()?.CreateLogger(LogCategory);
#pragma warning disable RS0030 // Only to see whether the app set another one.
        if (ReferenceEquals(options.Time, TimeProvider.System))
#pragma warning restore RS0030
        {
            options.Time = provider.GetService<TimeProvider>() ?? options.Time;
        }
    }
}
