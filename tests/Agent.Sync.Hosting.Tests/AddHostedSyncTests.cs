using Agent.Sync.Stores;
using Agent.Sync.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Agent.Sync.Hosting.Tests;

/// <summary>Real engines in a real host, on the server double.</summary>
public sealed class AddHostedSyncTests : IDisposable
{
    private static readonly Dataset Notes = SampleDatasets.Versioned("notes", "text").Build();

    private readonly VirtualTimeProvider _time = new();
    private readonly PostgrestDouble _server;
    private readonly HostApplicationBuilder _builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });

    public AddHostedSyncTests()
    {
        _server = new PostgrestDouble(_time);
        _server.AddTable(Notes).Insert("""{"id":1,"text":"first"}""");
        _builder.Services.AddSingleton<TimeProvider>(_time);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task AddHostedSync_AfterAddAgentSync_SyncsBothWaysAndIsHealthy()
    {
        InMemoryTransactionalStore store = new();
        AddEngine(store).AddHostedSync(static h => h.Every(TimeSpan.FromHours(1)));
        _builder.Services.AddHealthChecks().AddAgentSync(maxAge: TimeSpan.FromMinutes(10));
        using var host = _builder.Build();
        await host.StartAsync(Cancellation);
        var hosted = host.Services.GetRequiredService<HostedSync>();
        await Until(() => hosted.State is { Phase: HostedSyncPhase.Waiting, LastResult: not null }, hosted);

        store.Insert(Notes, """{"id":2,"text":"second"}""");
        await Until(() => _server.Requests.Any(static request => request.Method == "POST"), hosted);
        await Until(() => hosted.State.Phase == HostedSyncPhase.Waiting, hosted);
        var report = await CheckAsync(host);

        Assert.Equal(2, store.GetRows("notes").Count);
        Assert.Equal(HealthStatus.Healthy, report.Status);
        await host.StopAsync(Cancellation);
        Assert.Equal(HostedSyncPhase.Stopped, hosted.State.Phase);
    }

    [Fact]
    public async Task AddHostedSync_ServerIsDownForAWhile_IsSeenHealthyUnhealthyHealthy()
    {
        AddEngine(new InMemoryTransactionalStore()).AddHostedSync(static h => h.Every(TimeSpan.FromMinutes(1)));
        _builder.Services.AddHealthChecks().AddAgentSync(maxAge: TimeSpan.FromMinutes(2));
        using var host = _builder.Build();
        await host.StartAsync(Cancellation);
        var hosted = host.Services.GetRequiredService<HostedSync>();
        await Until(() => hosted.State is { Phase: HostedSyncPhase.Waiting, LastResult: not null }, hosted);
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(host)).Status);

        _server.Responder = static _ => ScriptedResponse.Error(System.Net.HttpStatusCode.ServiceUnavailable);
        await Until(() => hosted.State.Phase == HostedSyncPhase.BackingOff, hosted);
        Assert.Equal(HealthStatus.Degraded, (await CheckAsync(host)).Status);
        await Until(() => hosted.State.Failures > 5, hosted);
        Assert.Equal(HealthStatus.Unhealthy, (await CheckAsync(host)).Status);

        _server.Responder = null;
        await Until(() => hosted.State is { Phase: HostedSyncPhase.Waiting, Failures: 0 }, hosted);
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(host)).Status);
        await host.StopAsync(Cancellation);
    }

    [Fact]
    public async Task AddHostedSync_TwoNamedEngines_RunBesideEachOther()
    {
        foreach (var name in new[] { "red", "blue" })
        {
            AddEngine(new InMemoryTransactionalStore(), name).AddHostedSync();
            _builder.Services.AddHealthChecks().AddAgentSync(name);
        }

        using var host = _builder.Build();
        await host.StartAsync(Cancellation);

        var red = host.Services.GetRequiredKeyedService<HostedSync>("red");
        var blue = host.Services.GetRequiredKeyedService<HostedSync>("blue");
        await Until(() => red.State.LastResult is not null && blue.State.LastResult is not null, red, blue);

        Assert.Equal(["agent-sync/red", "agent-sync/blue"], (await CheckAsync(host)).Entries.Keys);
        await host.StopAsync(Cancellation);
    }

    [Fact]
    public async Task AddHostedSync_SessionOfTheContainer_FollowsSignInSignOutAndARestartOffline()
    {
        var folder = Directory.CreateTempSubdirectory("agent-sync-");
        try
        {
            _server.AddUser("ada@example.test", "secret", "ada");
            InMemoryTransactionalStore store = new();
            using (var host = BuildWithSession(store, folder))
            {
                await host.StartAsync(Cancellation);
                var hosted = host.Services.GetRequiredService<HostedSync>();
                var session = host.Services.GetRequiredService<SupabaseSession>();
                await Until(() => hosted.State.Phase == HostedSyncPhase.SignedOut, hosted);
                Assert.Empty(_server.Requests);

                await session.SignInAsync("ada@example.test", "secret", Cancellation);
                await Until(() => hosted.State is { Phase: HostedSyncPhase.Waiting, LastResult: not null }, hosted);
                Assert.Single(store.GetRows("notes"));

                await session.SignOutAsync(Cancellation);
                await Until(() => hosted.State.Phase == HostedSyncPhase.SignedOut, hosted);
                await session.SignInAsync("ada@example.test", "secret", Cancellation);
                await host.StopAsync(Cancellation);
            }

            _server.Responder = static _ => throw new HttpRequestException("no route");
            using var next = BuildWithSession(store, folder);
            await next.StartAsync(Cancellation);
            var again = next.Services.GetRequiredService<HostedSync>();
            await Until(() => again.State.Phase == HostedSyncPhase.BackingOff, again);
            Assert.True(next.Services.GetRequiredService<SupabaseSession>().IsSignedIn);

            _server.Responder = null;
            await Until(() => again.State is { Phase: HostedSyncPhase.Waiting, LastResult: not null }, again);
            await next.StopAsync(Cancellation);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task AddHostedSync_NoEngine_StopsTheHostAndSaysWhatToCall()
    {
        _builder.Services.AddHostedSync(name: "red");
        using var host = _builder.Build();

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync(Cancellation));

        Assert.Contains("services.AddAgentSync(\"red\")", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AddHostedSync_Twice_IsRefused()
    {
        _builder.Services.AddHostedSync();

        Assert.Contains("hosted already", Assert.Throws<InvalidOperationException>(() => _builder.Services.AddHostedSync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AddHostedSync_BuilderWithoutAContainer_IsRefused() =>
        Assert.Contains("needs a host", Assert.Throws<InvalidOperationException>(() => new SyncEngineBuilder().AddHostedSync()).Message, StringComparison.Ordinal);

    [Fact]
    public async Task AddHostedSync_WrongOptions_AreAllNamedAtTheStart()
    {
        AddEngine(new InMemoryTransactionalStore()).AddHostedSync(static h =>
        {
            h.Interval = TimeSpan.FromMilliseconds(1);
            h.Jitter = 0.6;
            h.Backoff = TimeSpan.FromHours(1);
            h.PollInterval = TimeSpan.Zero;
            h.WakeDelay = TimeSpan.FromHours(1);
            h.Request = new SyncRequest { FullResync = true, AllowMassDelete = true };
        });
        using var host = _builder.Build();

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Cancellation));

        Assert.Equal(
            ["Interval", "Jitter", "MaxBackoff", "PollInterval", "WakeDelay", "Request", "Request"],
            exception.Failures.Select(static failure => failure.Split('.', ' ')[1]));
    }

    private IHost BuildWithSession(InMemoryTransactionalStore store, DirectoryInfo folder)
    {
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton<TimeProvider>(_time).AddSupabaseSession(configure: options =>
        {
            (options.Url, options.ApiKey, options.Handler) = (PostgrestDouble.Url, PostgrestDouble.ApiKey, _server);
            options.StateFile = Path.Combine(folder.FullName, "session.json");
        });
        builder.Services.AddAgentSync(configure: static options => options.Retry.MaxRetries = 0)
            .UseSession().UseLocalStore(store).UseHttpMessageHandler(_server).AddDataset(Notes).AddHostedSync();
        return builder.Build();
    }

    private SyncEngineBuilder AddEngine(InMemoryTransactionalStore store, string? name = null) =>
        _builder.Services.AddAgentSync(name, configure: options =>
        {
            options.Url = PostgrestDouble.Url;
            options.ApiKey = PostgrestDouble.ApiKey;
            options.AccessTokenProvider = (_, _) => ValueTask.FromResult<AccessToken?>(new AccessToken(_server.CreateToken("ada", expires: new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero))));
            options.Datasets.Add(Notes);
            options.Retry.MaxRetries = 0;
        }).UseLocalStore(store).UseHttpMessageHandler(_server);

    private static Task<HealthReport> CheckAsync(IHost host) => host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancellation);

    /// <summary>Moves the clock until it has happened. It stands while a run is under way, which works on the thread pool and waits for no clock.</summary>
    private async Task Until(Func<bool> happened, params HostedSync[] hosted)
    {
        for (var turn = 0; !happened(); turn++)
        {
            Assert.True(turn < 1_000_000, $"It did not happen: {string.Join("; ", hosted.Select(static one => $"{one.State}: {one.State.LastFailure?.Message}"))}");
            await Task.Yield();
            if (hosted.All(static one => one.State.Phase != HostedSyncPhase.Running))
            {
                _time.Advance(TimeSpan.FromMilliseconds(20));
            }
        }
    }
}
