using Agent.Sync.Supabase;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Client = Supabase.Client;

namespace Agent.Sync;

/// <summary>Gives an engine the official Supabase client.</summary>
public static class SupabaseSyncEngineBuilderExtensions
{
    /// <summary>Takes URL, key and the signed-in user's token from the official client. Stands in for <see cref="SyncEngineBuilder.UseSession"/>.</summary>
    /// <remarks>
    /// The engine asks the client for its session at each request: who signs in or out with the client does so for the engine. The client refreshes its token, and the engine asks it to
    /// after a 401. One engine is of one user: when somebody else signs in, runs end with <see cref="SyncOutcome.UserChanged"/> before anything of theirs is applied.
    /// </remarks>
    /// <param name="builder">The builder, from <c>new</c> or from <c>AddAgentSync</c>.</param>
    /// <param name="client">The client; it stays yours.</param>
    /// <returns>The builder.</returns>
    public static SyncEngineBuilder UseSupabaseClient(this SyncEngineBuilder builder, Client client)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(client);
        return builder.Configure(new ClientSession(client).ApplyTo);
    }

    /// <summary>Takes URL, key and the signed-in user's token from the container's official client, which must be a singleton like the engine.</summary>
    /// <param name="builder">The builder that <c>AddAgentSync</c> returned.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="InvalidOperationException">The builder has no container; or the container has no client that lives as long as the engine, which is thrown when the engine is built. The message says what to do.</exception>
    public static SyncEngineBuilder UseSupabaseClient(this SyncEngineBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        return builder.UseSupabaseClient(provider => RegisteredClient.Require(provider, services!));
    }

    /// <summary>Takes URL, key and the signed-in user's token from an official client that the app finds, such as the one of a scope that lives as long as the engine.</summary>
    /// <param name="builder">The builder that <c>AddAgentSync</c> returned.</param>
    /// <param name="find">Finds the client of the engine's user; called with the container's root when the engine is built.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="InvalidOperationException">The builder has no container.</exception>
    public static SyncEngineBuilder UseSupabaseClient(this SyncEngineBuilder builder, Func<IServiceProvider, Client> find)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(find);
        var services = builder.Services
            ?? throw new InvalidOperationException("UseSupabaseClient needs a container, or the client: call it on the builder that services.AddAgentSync() returns, or give it the client.");
        services.AddOptions<SyncOptions>(builder.Name ?? Options.DefaultName).Configure<IServiceProvider>((options, provider) => new ClientSession(find(provider)).ApplyTo(options));
        return builder;
    }
}
