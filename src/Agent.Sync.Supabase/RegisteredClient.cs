using Microsoft.Extensions.DependencyInjection;
using Client = Supabase.Client;

namespace Agent.Sync.Supabase;

/// <summary>Finds the client that <c>UseSupabaseClient()</c> means: the container's.</summary>
internal static class RegisteredClient
{
    /// <exception cref="InvalidOperationException">There is none that an engine can use; the message says what to do.</exception>
    public static Client Require(IServiceProvider provider, IServiceCollection services)
    {
        // AddSupabase of the official package registers a client per scope: the root's would be one that nobody signs in to.
        if (services.LastOrDefault(static service => service.ServiceType == typeof(Client) && !service.IsKeyedService) is { Lifetime: not ServiceLifetime.Singleton } other)
        {
            throw new InvalidOperationException(
                $"UseSupabaseClient() needs a Supabase.Client that lives as long as the engine, but it is registered as {other.Lifetime}, and each scope may have another user. "
                + "In an app with one user, register it as a singleton, or give UseSupabaseClient(provider => ...) the one of a scope that you keep. "
                + "Where each scope has a user of its own, such as on a web server, make an engine per user: new SyncEngineBuilder().UseSupabaseClient(client).");
        }

        return provider.GetService<Client>()
            ?? throw new InvalidOperationException("UseSupabaseClient() found no Supabase.Client in the container: register it as a singleton, or give UseSupabaseClient the client.");
    }
}
