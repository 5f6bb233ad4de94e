using Agent.Sync;
using Agent.Sync.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the health of engines to the host's health checks.</summary>
public static class AgentSyncHealthChecksBuilderExtensions
{
    /// <summary>Adds a check named <c>agent-sync</c>, or <c>agent-sync/{name}</c> for a named engine. It reads the local store and sends no request.</summary>
    /// <remarks>
    /// <para>Unhealthy: rows older than <paramref name="maxAge"/>; a hosted sync that needs a decision, failed for a reason that somebody has to correct, or was stopped; a store that cannot be read.</para>
    /// <para>Degraded: more than <paramref name="maxQuarantined"/> changes in quarantine; parked rows; a first sync or resync that is not complete; transient failures; nobody signed in; a horizon
    /// that a transaction on the server holds back while runs complete.</para>
    /// <para>Anything else is healthy. The data of the result has counts and ages in seconds by dataset, and no value of a row.</para>
    /// </remarks>
    /// <param name="builder">The builder of the health checks.</param>
    /// <param name="name">The name of the engine, as given to <c>AddAgentSync</c>. Null, the default, for the one without a name.</param>
    /// <param name="maxAge">The age above which rows are too old, positive; in the grade Overlap the overlap lag is added. Choose a few intervals. Null, the default, means 30 minutes.</param>
    /// <param name="maxQuarantined">How many quarantined changes of a dataset are still fine: 0 or more. The default is 0.</param>
    /// <param name="failureStatus">What is reported as unhealthy. Null, the default, means <see cref="HealthStatus.Unhealthy"/>.</param>
    /// <param name="tags">Tags to filter checks by. Null, the default, for none.</param>
    /// <returns>The builder of the health checks.</returns>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The age is not positive, or the number is negative.</exception>
    public static IHealthChecksBuilder AddAgentSync(
        this IHealthChecksBuilder builder,
        string? name = null,
        TimeSpan? maxAge = null,
        long maxQuarantined = 0,
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentOutOfRangeException.ThrowIfNegative(maxQuarantined);
        if (name is not null)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(name);
        }

        var age = maxAge ?? TimeSpan.FromMinutes(30);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(age, TimeSpan.Zero, nameof(maxAge));
        return builder.Add(new HealthCheckRegistration(
            name is null ? "agent-sync" : $"agent-sync/{name}", provider => Create(provider, name, age, maxQuarantined), failureStatus, tags));
    }

    private static AgentSyncHealthCheck Create(IServiceProvider provider, string? name, TimeSpan maxAge, long maxQuarantined)
    {
        var engine = name is null ? provider.GetService<ISyncEngine>() : provider.GetKeyedService<ISyncEngine>(name);
        return new AgentSyncHealthCheck(
            engine ?? throw new InvalidOperationException(name is null
                ? "AddHealthChecks().AddAgentSync() found no engine: call services.AddAgentSync() too, or give the check the name of the engine."
                : $"AddHealthChecks().AddAgentSync(\"{name}\") found no engine of this name: call services.AddAgentSync(\"{name}\") too."),
            name is null ? provider.GetService<HostedSync>() : provider.GetKeyedService<HostedSync>(name),
            provider.GetRequiredService<IOptionsMonitor<SyncOptions>>().Get(name ?? Options.Options.DefaultName).OverlapLag,
            maxAge,
            maxQuarantined,
#pragma warning disable RS0030 // The composition root may name the system's clock.
            provider.GetService<TimeProvider>() ?? TimeProvider.System);
#pragma warning restore RS0030
    }
}
