using Agent.Sync;

namespace OpenTelemetry.Metrics;

/// <summary>Adds the metrics of Agent.Sync to a meter provider.</summary>
public static class AgentSyncMeterProviderBuilderExtensions
{
    /// <summary>Collects the metrics of every engine in the process, named or not, made before or after this call.</summary>
    /// <remarks>
    /// <para>
    /// <c>sync_duration</c> brings its bucket limits, 0.05 s to 3,600 s, as advice that the OpenTelemetry SDK follows. A view of the app's for <c>sync_duration</c> replaces them.
    /// </para>
    /// <para>A call more changes nothing. The tags are dataset, direction, outcome and error.type; none holds a row's value, a user, a token, a cursor or a URL.</para>
    /// </remarks>
    /// <param name="builder">The builder of the meter provider.</param>
    /// <returns>The builder.</returns>
    public static MeterProviderBuilder AddAgentSyncInstrumentation(this MeterProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddMeter(SyncDiagnostics.MeterName);
    }
}
