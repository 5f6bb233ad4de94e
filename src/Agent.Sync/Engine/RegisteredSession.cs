using Microsoft.Extensions.DependencyInjection;

namespace Agent.Sync.Engine;

/// <summary>Finds the session that <c>UseSession()</c> means: the container's.</summary>
internal static class RegisteredSession
{
    private const string Advice = "services.AddSingleton(_ => new SupabaseSession(url, apiKey))";

    /// <exception cref="InvalidOperationException">There is none that an engine can use; the message says what to register.</exception>
    public static SupabaseSession Require(IServiceProvider provider, IServiceCollection services)
    {
        // An engine lives as long as the container. The container's own refusal would name neither the cause nor the cure.
        if (services.LastOrDefault(static service => service.ServiceType == typeof(SupabaseSession) && !service.IsKeyedService) is { Lifetime: not ServiceLifetime.Singleton } other)
        {
            throw new InvalidOperationException($"UseSession() needs a SupabaseSession that lives as long as the engine, but it is registered as {other.Lifetime}: register it with {Advice}.");
        }

        return provider.GetService<SupabaseSession>()
            ?? throw new InvalidOperationException($"UseSession() found no SupabaseSession in the container: register one with {Advice}, or give UseSession the session.");
    }
}
