using Agent.Sync;

namespace OpenTelemetry.Trace;

/// <summary>Adds the spans of Agent.Sync to a tracer provider.</summary>
public static class AgentSyncTracerProviderBuilderExtensions
{
    /// <summary>Collects the spans of every engine in the process: one for a run, and in it one for each page and each push of a dataset.</summary>
    /// <remarks>
    /// The spans of single HTTP requests are not among them: they come from <c>HttpClient</c>'s own instrumentation, and their URLs hold keys and timestamps of rows. A call more changes nothing.
    /// </remarks>
    /// <param name="builder">The builder of the tracer provider.</param>
    /// <returns>The builder.</returns>
    public static TracerProviderBuilder AddAgentSyncInstrumentation(this TracerProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddSource(SyncDiagnostics.ActivitySourceName);
    }
}
