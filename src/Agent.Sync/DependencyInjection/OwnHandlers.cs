using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;

namespace Agent.Sync.DependencyInjection;

/// <summary>
/// Keeps what the app puts before all of its HTTP clients, such as a retrying handler, away from the engine's: the engine retries itself, and each of its
/// requests would be sent many times over. What the app puts before this client by name stays.
/// </summary>
internal static class OwnHandlers
{
    public static IHttpClientBuilder Add(IServiceCollection services, string client)
    {
        var forget = ServiceDescriptor.Singleton<IConfigureOptions<HttpClientFactoryOptions>>(
            new ConfigureNamedOptions<HttpClientFactoryOptions>(client, static options => options.HttpMessageHandlerBuilderActions.Clear()));

        // Defaults run before everything that has a name, whenever they were registered. The app may have named this client already.
        var first = services.TakeWhile(service => !Names(service, client)).Count();
        if (first < services.Count)
        {
            services.Insert(first, forget);
            return services.AddHttpClient(client);
        }

        var builder = services.AddHttpClient(client);
        builder.Services.Add(forget);
        return builder;
    }

    private static bool Names(ServiceDescriptor service, string client) =>
        service is { IsKeyedService: false, ImplementationInstance: ConfigureNamedOptions<HttpClientFactoryOptions> named }
        && string.Equals(named.Name, client, StringComparison.Ordinal);
}
