using Microsoft.Extensions.DependencyInjection;

namespace Agent.Sync.Engine;

/// <summary>Finds the session that <c>UseSession()</c> means: the container's, of the engine's name if there is one.</summary>
internal static class RegisteredSession
{
    private const string Advice = "services.AddSupabaseSession(...)";

    /// <exception cref="InvalidOperationException">There is none that an engine can use; the message says what to register.</exception>
    public static SupabaseSession Require(IServiceProvider provider, IServiceCollection services, string? key)
    {
        var own = key is null ? null : Last(services, key);
        var found = own ?? Last(services, key: null);

        // An engine lives as long as the container. The container's own refusal would name neither the cause nor the cure.
        if (found is { Lifetime: not ServiceLifetime.Singleton } other)
        {
            throw new InvalidOperationException($"UseSession() needs a SupabaseSession that lives as long as the engine, but it is registered as {other.Lifetime}: register it with {Advice}.");
        }

        return (own is null ? provider.GetService<SupabaseSession>() : provider.GetKeyedService<SupabaseSession>(key))
            ?? throw new InvalidOperationException($"UseSession() found no SupabaseSession in the container: register one with {Advice}, or give UseSession the session.");
    }

    private static ServiceDescriptor? Last(IServiceCollection services, string? key) =>
        services.LastOrDefault(service => service.ServiceType == typeof(SupabaseSession) && Equals(service.ServiceKey, key));
}
