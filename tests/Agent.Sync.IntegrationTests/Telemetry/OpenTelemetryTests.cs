using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using Agent.Sync.IntegrationTests.Privacy;
using Agent.Sync.IntegrationTests.Processes;
using Agent.Sync.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Agent.Sync.IntegrationTests.Telemetry;

/// <summary>What an app's OpenTelemetry gets from syncs with a real server. Other tests' engines are in the same process: a dataset's name of its own tells this one's apart.</summary>
public sealed partial class OpenTelemetryTests(BackendFixture backends)
{
    private const string Canary = "canary9b3a";
    private const string Name = "observed";

    private static readonly Dataset Observed = Dataset.Define("push_items").Named(Name)
        .Key("id", ColumnType.Uuid).Column("name", ColumnType.Text).Column("note", ColumnType.Text)
        .Version("version").UpdatedAt("updated_at")
        .Build();

    private static readonly double[] Advised = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, double.PositiveInfinity];
    private static readonly double[] OfTheView = [1, 10, 60, double.PositiveInfinity];

    private readonly List<MetricSnapshot> _metrics = [];
    private readonly List<Activity> _spans = [];

    [Fact]
    public async Task AddAgentSyncInstrumentation_SyncsOfBothDirections_GivesMetricsAndSpansAndNothingPersonal()
    {
        var user = await backends.Main.SignUpAsync();
        await backends.Main.SqlAsync($"insert into public.push_items (owner_id, name, note) select '{user.Id}', '{Canary} ' || i, 'note {Canary}' from generate_series(1, 3) as i");
        await using var device = new Device(backends.Main, user);
        await using var provider = BuildProvider(device, Add);
        var engine = provider.GetRequiredService<ISyncEngine>();
        await engine.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await LocalRows.ScalarAsync(
            device.DatabasePath, $"insert into push_items (id, note) values ('{Guid.NewGuid()}', 'mine {Canary}'), ('{Guid.NewGuid()}', '{PushTables.RefusedNote} {Canary}')");
        await engine.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        device.Requests.Token = new AccessToken($"{Canary}.not.a.token");
        await Assert.ThrowsAsync<SyncAuthException>(() => engine.SyncAsync(cancellationToken: TestContext.Current.CancellationToken));
        Flush(provider);

        Assert.Equal(3, Sum("sync_artifact_count", ("direction", "pull"), ("outcome", "applied")));
        Assert.Equal(1, Sum("sync_artifact_count", ("direction", "push"), ("outcome", "applied")));
        Assert.Equal(1, Sum("sync_artifact_count", ("direction", "push"), ("outcome", "rejected")));
        Assert.True(Sum("sync_page_count", ("direction", "pull")) > 0);
        Assert.True(Sum("sync_received_bytes", ("direction", "pull")) > 0);
        Assert.True(Sum("sync_request_count", ("direction", "push")) > 0);
        Assert.Equal(1, Points("sync_grade").Single().GetGaugeLastValueLong());
        Assert.True(_metrics.Last(static metric => metric.Name == "sync_memory_peak").MetricPoints[0].GetGaugeLastValueLong() > 1_000_000);
        Assert.Contains(Points("sync_duration"), static point => Tag(point, "error.type") == nameof(SyncErrorKind.AuthRequired));
        Assert.Contains(_spans, static span => span is { OperationName: "sync", Kind: ActivityKind.Internal });
        Assert.Contains(_spans, static span => span is { OperationName: "sync page", Kind: ActivityKind.Client } && span.GetTagItem("dataset") is Name);
        Assert.Contains(_spans, static span => span is { OperationName: "sync push", Kind: ActivityKind.Client } && span.GetTagItem("dataset") is Name);
        Assert.All(_spans, static span => Assert.Equal(SyncDiagnostics.ActivitySourceName, span.Source.Name));

        var shown = Shown().ToArray();
        foreach (var secret in (string[])[Canary, user.Email, user.Id.ToString(), user.Token.Value.Split('.')[2], backends.Main.Host.Url.Authority, device.Folder])
        {
            Assert.DoesNotContain(shown, text => text.Contains(secret, StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public async Task AddAgentSyncInstrumentation_WithoutAView_CountsDurationsInTheAdvisedBuckets() =>
        Assert.Equal(Advised, await BucketsAsync(Add));

    [Fact]
    public async Task AddAgentSyncInstrumentation_WithAViewOfTheApp_CountsDurationsInItsBuckets() =>
        Assert.Equal(OfTheView, await BucketsAsync(static services =>
        {
            Add(services);
            // snippet: otel-view
            services.AddOpenTelemetry().WithMetrics(metrics => metrics
                .AddView("sync_duration", new ExplicitBucketHistogramConfiguration { Boundaries = [1, 10, 60] }));
            // end snippet
        }));

    /// <summary>The exporter for Prometheus knows nothing of the dashboard, and names metrics as Prometheus does when they come by OTLP.</summary>
    [Fact]
    public async Task Dashboard_OfTheWorkerSample_ShowsEveryMetricByItsNameInPrometheus()
    {
        var user = await backends.Main.SignUpAsync();
        await backends.Main.SqlAsync($"insert into public.push_items (owner_id, name) values ('{user.Id}', 'one')");
        await using var device = new Device(backends.Main, user);
        Uri url = new($"http://127.0.0.1:{ScriptedServer.FreePort()}/");
        await using var provider = BuildProvider(device, services =>
        {
            Add(services);
            services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddPrometheusHttpListener(options => (options.Host, options.Port) = (url.Host, url.Port)));
        });
        await provider.GetRequiredService<ISyncEngine>().SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        using HttpClient http = new();
        var scraped = await http.GetStringAsync(new Uri(url, "metrics"), TestContext.Current.CancellationToken);
        var dashboard = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "samples", "Worker", "grafana-dashboard.json"), TestContext.Current.CancellationToken);
        using var json = JsonDocument.Parse(dashboard);

        var inPrometheus = Samples().Matches(scraped).Select(static match => match.Value).ToHashSet(StringComparer.Ordinal);
        var onDashboard = Metric().Matches(dashboard).Select(static match => match.Value).ToHashSet(StringComparer.Ordinal);
        Assert.True(inPrometheus.Count >= 11, scraped);
        Assert.Empty(onDashboard.Except(inPrometheus));
        Assert.Empty(inPrometheus.Except(onDashboard));
    }

    private static void Add(IServiceCollection services)
    {
        // snippet: otel
        services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics.AddAgentSyncInstrumentation())
            .WithTracing(tracing => tracing.AddAgentSyncInstrumentation());
        // end snippet
    }

    private static string? Tag(MetricPoint point, string name)
    {
        foreach (var tag in point.Tags)
        {
            if (tag.Key == name)
            {
                return tag.Value?.ToString();
            }
        }

        return null;
    }

    private static void Flush(IServiceProvider provider)
    {
        Assert.True(provider.GetRequiredService<MeterProvider>().ForceFlush());
        Assert.True(provider.GetRequiredService<TracerProvider>().ForceFlush());
    }

    private async Task<double[]> BucketsAsync(Action<IServiceCollection> add)
    {
        var user = await backends.Main.SignUpAsync();
        await using var device = new Device(backends.Main, user);
        await using var provider = BuildProvider(device, add);
        await provider.GetRequiredService<ISyncEngine>().SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        Flush(provider);

        List<double> buckets = [];
        foreach (var bucket in Points("sync_duration").First().GetHistogramBuckets())
        {
            buckets.Add(bucket.ExplicitBound);
        }

        return [.. buckets];
    }

    private ServiceProvider BuildProvider(Device device, Action<IServiceCollection> add)
    {
        ServiceCollection services = new();
        services.AddLogging().AddMetrics();
        services.AddAgentSync().UseSqlite(device.DatabasePath).AddDataset(Observed).Configure(options =>
        {
            options.Url = backends.Main.Host.Url;
            options.ApiKey = backends.Main.Host.PublishableKey;
            options.AllowInsecureLoopback = true;
            options.AccessTokenProvider = device.Requests.GetTokenAsync;
            options.Push.MaxQuarantinedShare = 1;
        });
        add(services);
        services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics.AddInMemoryExporter(_metrics))
            .WithTracing(tracing => tracing.AddInMemoryExporter(_spans));
        var provider = services.BuildServiceProvider();

        // A host does this when it starts.
        provider.GetRequiredService<MeterProvider>();
        provider.GetRequiredService<TracerProvider>();
        return provider;
    }

    private IEnumerable<MetricPoint> Points(string metric) =>
        _metrics.Where(snapshot => snapshot.Name == metric).SelectMany(static snapshot => snapshot.MetricPoints).Where(static point => Tag(point, "dataset") == Name);

    private long Sum(string metric, params (string Name, string Value)[] tags) =>
        Points(metric).Where(point => tags.All(tag => Tag(point, tag.Name) == tag.Value)).Sum(static point => point.GetSumLong());

    private IEnumerable<string> Shown()
    {
        foreach (var metric in _metrics)
        {
            foreach (var point in metric.MetricPoints)
            {
                List<string> tags = [];
                foreach (var tag in point.Tags)
                {
                    tags.Add($"{tag.Key}={tag.Value}");
                }

                yield return $"{metric.Name} {metric.Description} {string.Join(' ', tags)}";
            }
        }

        foreach (var span in _spans)
        {
            yield return $"{span.DisplayName} {span.StatusDescription} {Describe(span.TagObjects)} "
                + string.Join(' ', span.Events.Select(static occurrence => $"{occurrence.Name} {Describe(occurrence.Tags)}"));
        }
    }

    private static string Describe(IEnumerable<KeyValuePair<string, object?>> tags) =>
        string.Join(' ', tags.Select(static tag => string.Create(CultureInfo.InvariantCulture, $"{tag.Key}={tag.Value}")));

    [GeneratedRegex(@"^sync_[a-z_]+(?=[ {])", RegexOptions.Multiline)]
    private static partial Regex Samples();

    [GeneratedRegex(@"\bsync_[a-z_]+")]
    private static partial Regex Metric();
}
