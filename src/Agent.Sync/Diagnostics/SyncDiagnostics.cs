using System.Diagnostics;

namespace Agent.Sync;

/// <summary>The names a host subscribes to. The host owns logging, exporters and dashboards.</summary>
public static class SyncDiagnostics
{
    /// <summary>The name of the meter, for <c>AddMeter</c>.</summary>
    public const string MeterName = "Agent.Sync";

    /// <summary>The name of the activity source, for <c>AddSource</c>.</summary>
    public const string ActivitySourceName = "Agent.Sync";

    internal static ActivitySource Source { get; } = new(ActivitySourceName);
}
