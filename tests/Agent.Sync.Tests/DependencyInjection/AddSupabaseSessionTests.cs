using Agent.Sync.Stores;
using Agent.Sync.Testing;
using Agent.Sync.Tests.Configuration;
using Agent.Sync.Tests.Files;
using Agent.Sync.Tests.Postgrest;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Agent.Sync.Tests.DependencyInjection;

public sealed class AddSupabaseSessionTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly IServiceCollection _services = new ServiceCollection().AddSingleton<IConfigureOptions<SyncOptions>>(TestOptions.NoEnvironment);
    private readonly TemporaryDirectory _folder = new();
    private readonly ScriptedHandler _server;

    public AddSupabaseSessionTests()
    {
        _server = new ScriptedHandler(_time);
        _services.AddSingleton<TimeProvider>(_time);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string StateFile => Path.Combine(_folder.Root, "session.json");

    [Fact]
    public async Task AddSupabaseSession_OneSectionForBoth_LeadsTheEngineToTheProject()
    {
        var section = Section(new() { ["Url"] = "https://abc.supabase.co", ["ApiKey"] = TestOptions.PublishableKey, ["StateFile"] = StateFile, ["PageSize"] = "7" });
        _services.AddSupabaseSession(section: section).ConfigureHttpHandler(_server);
        _services.AddSingleton<ILocalStore, InMemoryTransactionalStore>().AddAgentSync(section: section).UseSession().AddDataset(TestOptions.Dataset("artifacts"));
        await using var provider = _services.BuildServiceProvider(validateScopes: true);
        var session = provider.GetRequiredService<SupabaseSession>();
        _server.Then(static () => Grant(1));

        await session.SignInAsync("ada@example.test", "secret", Cancellation);

        var options = provider.GetRequiredService<IOptions<SyncOptions>>().Value;
        Assert.Equal((new Uri("https://abc.supabase.co"), TestOptions.PublishableKey, 7), (options.Url, options.ApiKey, options.PageSize));
        Assert.Equal(TestToken.Of(number: 1).Value, (await options.AccessTokenProvider!(null, Cancellation))!.Value);
        Assert.NotNull(provider.GetRequiredService<ISyncEngine>());
        Assert.True(File.Exists(StateFile));
    }

    [Fact]
    public async Task AddSupabaseSession_HostStartsOffline_IsSignedInFromTheFileWithoutARequest()
    {
        using (SupabaseSession before = new(new SupabaseSessionOptions { Url = new Uri("https://abc.supabase.co"), ApiKey = TestOptions.PublishableKey, StateFile = StateFile, Handler = _server, Time = _time }))
        {
            _server.Then(static () => Grant(1));
            await before.SignInAsync("ada@example.test", "secret", Cancellation);
        }

        _time.Advance(TimeSpan.FromDays(1));
        _server.Then(static (_, _) => throw new HttpRequestException("no route"));
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton<IConfigureOptions<SyncOptions>>(TestOptions.NoEnvironment).AddSingleton<TimeProvider>(_time).AddSingleton<ILocalStore, InMemoryTransactionalStore>();
        builder.Services.AddSupabaseSession(configure: Fill).ConfigureHttpHandler(_server);
        builder.Services.AddAgentSync().UseSession().AddDataset(TestOptions.Dataset("artifacts"));
        using var host = builder.Build();

        await host.StartAsync(Cancellation);

        Assert.True(host.Services.GetRequiredService<SupabaseSession>().IsSignedIn);
        Assert.Single((await host.Services.GetRequiredService<ISyncEngine>().GetStatusAsync(Cancellation)).Datasets);
        Assert.Single(_server.Seen);
        await host.StopAsync(Cancellation);
    }

    [Fact]
    public void AddSupabaseSession_Names_GiveEachEngineItsOwnAndTheOthersTheOneWithout()
    {
        _services.AddSupabaseSession(configure: static options => (options.Url, options.ApiKey) = (new Uri("https://main.supabase.co"), TestOptions.PublishableKey));
        _services.AddSupabaseSession("red", configure: static options => (options.Url, options.ApiKey) = (new Uri("https://red.supabase.co"), TestOptions.PublishableKey));
        _services.AddAgentSync("red").UseSession().AddDataset(TestOptions.Dataset("artifacts"));
        _services.AddAgentSync("blue").UseSession().AddDataset(TestOptions.Dataset("artifacts"));
        using var provider = _services.BuildServiceProvider();
        var options = provider.GetRequiredService<IOptionsMonitor<SyncOptions>>();

        Assert.Equal(("red.supabase.co", "main.supabase.co"), (options.Get("red").Url!.Host, options.Get("blue").Url!.Host));
    }

    [Fact]
    public async Task AddSupabaseSession_WrongOptions_StopTheHostAndAreToldTogether()
    {
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSupabaseSession(section: Section(new() { ["Url"] = "abc.supabase.co", ["StateFile"] = " " }));
        using var host = builder.Build();

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Cancellation));

        Assert.Collection(
            exception.Failures,
            static fault => Assert.StartsWith("SupabaseSessionOptions.Url must be", fault, StringComparison.Ordinal),
            static fault => Assert.StartsWith("SupabaseSessionOptions.ApiKey must be", fault, StringComparison.Ordinal),
            static fault => Assert.StartsWith("SupabaseSessionOptions.StateFile is blank", fault, StringComparison.Ordinal));
    }

    [Fact]
    public void AddSupabaseSession_SecretKey_IsRefused()
    {
        _services.AddSupabaseSession(configure: static options => (options.Url, options.ApiKey) = (new Uri("https://abc.supabase.co"), "sb_secret_canary"));
        using var provider = _services.BuildServiceProvider();

        var exception = Assert.Throws<OptionsValidationException>(provider.GetRequiredService<SupabaseSession>);

        Assert.Contains("bypasses row-level security", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AddSupabaseSession_Twice_IsRefused()
    {
        _services.AddSupabaseSession().AddSupabaseSession("red");

        Assert.Throws<InvalidOperationException>(() => _services.AddSupabaseSession());
        Assert.Throws<InvalidOperationException>(() => _services.AddSupabaseSession("red"));
    }

    [Fact]
    public async Task AddSupabaseSession_LoggerOfTheContainer_HearsOfTheFile()
    {
        await File.WriteAllTextAsync(StateFile, "{", Cancellation);
        using FakeLoggerProvider log = new();
        _services.AddLogging(logging => logging.AddProvider(log)).AddSupabaseSession(configure: Fill);
        await using var provider = _services.BuildServiceProvider();

        Assert.False(provider.GetRequiredService<SupabaseSession>().IsSignedIn);

        Assert.Equal("Agent.Sync", Assert.Single(log.Collector.GetSnapshot(), static record => record.Id.Id == 5005).Category);
    }

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    private static IConfigurationSection Section(Dictionary<string, string?> values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values.Select(static pair => KeyValuePair.Create("AgentSync:" + pair.Key, pair.Value))).Build().GetSection("AgentSync");

    private static HttpResponseMessage Grant(int number) => Answers.Page($$"""{"access_token":"{{TestToken.Of(number: number).Value}}","expires_in":3600,"refresh_token":"refresh-{{number}}"}""");

    private void Fill(SupabaseSessionOptions options) => (options.Url, options.ApiKey, options.StateFile) = (new Uri("https://abc.supabase.co"), TestOptions.PublishableKey, StateFile);
}

file static class SessionHandler
{
    /// <summary>Sends through a handler of the test's, by the client's public name.</summary>
    public static void ConfigureHttpHandler(this IServiceCollection services, HttpMessageHandler handler) =>
        services.AddHttpClient(SupabaseSessionServiceCollectionExtensions.SessionHttpClientName).ConfigurePrimaryHttpMessageHandler(() => handler);
}
