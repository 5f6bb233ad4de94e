using Agent.Sync.Hosting;
using Agent.Sync.Sqlite;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using SyncWorker;

var builder = WebApplication.CreateSlimBuilder(args);
var configuration = builder.Configuration;

// What to sync, as "agent-sync init" writes it. Environment variables, such as AgentSync__Url, win over it.
configuration.AddJsonFile("agent-sync.json").AddEnvironmentVariables();
var project = configuration.GetRequiredSection("AgentSync");

builder.Services.AddSupabaseSession(section: project);
builder.Services.AddHostedService<SignIn>();

builder.Services.AddOptions<HostedSyncOptions>().Bind(configuration.GetSection("HostedSync"));
builder.Services.AddAgentSync(section: project).UseSession().UseSqlite(configuration["Database"] ?? "worker.db").AddHostedSync();
builder.Services.AddHealthChecks().AddAgentSync(maxAge: configuration.GetValue<TimeSpan?>("MaxAge"));

var telemetry = builder.Services.AddOpenTelemetry()
    .WithMetrics(metrics => metrics.AddAgentSyncInstrumentation())
    .WithTracing(tracing => tracing.AddAgentSyncInstrumentation());
if (configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 })
{
    telemetry.UseOtlpExporter();
}

var app = builder.Build();
app.MapHealthChecks("/health");
await app.RunAsync();
