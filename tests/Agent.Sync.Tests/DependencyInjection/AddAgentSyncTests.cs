using Agent.Sync.Configuration;
using Agent.Sync.Sqlite;
using Agent.Sync.Stores;
using Agent.Sync.Testing;
using Agent.Sync.Tests.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Agent.Sync.Tests.DependencyInjection;

public sealed class AddAgentSyncTests
{
    // Stands before the process's own environment, which a test must not depend on.
    private readonly IServiceCollection _services = new ServiceCollection()
        .AddSingleton<IConfigureOptions<SyncOptions>>(TestOptions.NoEnvironment);

    [Fact]
    public async Task AddAgentSync_StoreThatKeepsCheckpoints_ResolvesOneEngine()
    {
        _services.AddSingleton<ILocalStore, InMemoryTransactionalStore>().AddAgentSync(configure: TestOptions.Fill);
        await using var provider = _services.BuildServiceProvider();

        var engine = provider.GetRequiredService<ISyncEngine>();

        Assert.Same(engine, provider.GetRequiredService<ISyncEngine>());
        Assert.Single((await engine.GetStatusAsync(TestContext.Current.CancellationToken)).Datasets);
    }

    [Fact]
    public void AddAgentSync_ContainerDisposed_EndsTheEngine()
    {
        _services.AddSingleton<ILocalStore, InMemoryTransactionalStore>().AddAgentSync(configure: TestOptions.Fill);
        var provider = _services.BuildServiceProvider();
        var engine = provider.GetRequiredService<ISyncEngine>();

        provider.Dispose();

        Assert.Throws<ObjectDisposedException>(() => { _ = engine.GetStatusAsync(TestContext.Current.CancellationToken); });
    }

    [Fact]
    public void AddAgentSync_SecondCheckpointStore_IsRefused()
    {
        _services
            .AddSingleton<ILocalStore, InMemoryTransactionalStore>()
            .AddSingleton<ICheckpointStore, InMemoryCheckpointStore>()
            .AddAgentSync(configure: TestOptions.Fill);
        using var provider = _services.BuildServiceProvider();

        var exception = Assert.Throws<InvalidOperationException>(provider.GetRequiredService<ISyncEngine>);

        Assert.Contains("Remove the second checkpoint store", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AddAgentSync_NoLocalStore_SaysWhatToRegister()
    {
        _services.AddAgentSync(configure: TestOptions.Fill);
        using var provider = _services.BuildServiceProvider();

        Assert.Contains("UseSqlite", Assert.Throws<InvalidOperationException>(provider.GetRequiredService<ISyncEngine>).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void UseSession_NoSessionInTheContainer_SaysWhatToRegister()
    {
        _services.AddSingleton<ILocalStore, InMemoryTransactionalStore>().AddAgentSync(configure: TestOptions.Fill).UseSession();
        using var provider = _services.BuildServiceProvider();

        var message = Assert.Throws<InvalidOperationException>(provider.GetRequiredService<ISyncEngine>).Message;

        Assert.StartsWith("UseSession() found no SupabaseSession in the container: register one with services.Add", message, StringComparison.Ordinal);
    }

    [Fact]
    public void UseSession_ScopedSession_SaysThatTheEngineOutlivesIt()
    {
        _services.AddScoped(static _ => new SupabaseSession("https://abc.supabase.co", TestOptions.PublishableKey));
        _services.AddSingleton<ILocalStore, InMemoryTransactionalStore>().AddAgentSync(configure: TestOptions.Fill).UseSession();
        using var provider = _services.BuildServiceProvider(validateScopes: true);

        var message = Assert.Throws<InvalidOperationException>(provider.GetRequiredService<ISyncEngine>).Message;

        Assert.Contains("registered as Scoped: register it with services.Add", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddAgentSync_TwoKeys_AreTwoEnginesWithTheirOwnStoresAndOptions()
    {
        _services.AddAgentSync("red", configure: static options => Fill(options, "apples"));
        _services.AddAgentSync("blue", configure: static options => Fill(options, "plums"));
        _services
            .AddKeyedSingleton<ILocalStore, InMemoryTransactionalStore>("red")
            .AddKeyedSingleton<ILocalStore, InMemoryLocalStore>("blue")
            .AddKeyedSingleton<ICheckpointStore, InMemoryCheckpointStore>("blue");
        await using var provider = _services.BuildServiceProvider();

        var red = provider.GetRequiredKeyedService<ISyncEngine>("red");
        var blue = provider.GetRequiredKeyedService<ISyncEngine>("blue");

        Assert.NotSame(red, blue);
        Assert.Null(provider.GetService<ISyncEngine>());
        Assert.Equal("apples", (await red.GetStatusAsync(TestContext.Current.CancellationToken)).Datasets.Single().Dataset);
        Assert.Equal("plums", (await blue.GetStatusAsync(TestContext.Current.CancellationToken)).Datasets.Single().Dataset);
    }

    [Fact]
    public void AddAgentSync_KeyWithoutStoreOfItsOwn_DoesNotTakeTheOthers()
    {
        _services.AddSingleton<ILocalStore, InMemoryTransactionalStore>().AddAgentSync("red", configure: TestOptions.Fill);
        using var provider = _services.BuildServiceProvider();

        var exception = Assert.Throws<InvalidOperationException>(() => provider.GetRequiredKeyedService<ISyncEngine>("red"));

        Assert.Contains("'red'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddAgentSync_WrongOptions_StopTheHostAtItsStart()
    {
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton<IConfigureOptions<SyncOptions>>(TestOptions.NoEnvironment);
        builder.Services.AddAgentSync("red", configure: static options => options.PageSize = 2000);
        using var host = builder.Build();

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(TestContext.Current.CancellationToken));

        Assert.Equal("red", exception.OptionsName);
        Assert.StartsWith("red.PageSize is 2000", exception.Failures.First(), StringComparison.Ordinal);
        Assert.True(exception.Failures.Count() > 1);
    }

    [Fact]
    public void AddAgentSync_EnvironmentConfigurationAndCode_WinInThatOrder()
    {
        ServiceCollection services = [];
        var file = new ConfigurationBuilder().AddInMemoryCollection([new("PageSize", "300"), new("Commit:Rows", "77")]).Build();

        // Registered before AddAgentSync, and still after the environment.
        services.AddOptions<SyncOptions>().Bind(file);
        services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<SyncOptions>>(new EnvironmentConfiguration(static name => name switch
        {
            "AGENT_SYNC_PAGE_SIZE" => "200",
            "AGENT_SYNC_COMMIT_ROWS" => "66",
            "AGENT_SYNC_RETRIES" => "5",
            _ => null,
        })));
        services.AddAgentSync(configure: static options =>
        {
            TestOptions.Fill(options);
            options.PageSize = 400;
        });
        using var provider = services.BuildServiceProvider();

        var options = provider.GetRequiredService<IOptions<SyncOptions>>().Value;

        Assert.Equal((400, 77, 5), (options.PageSize, options.Commit.Rows, options.Retry.MaxRetries));
    }

    [Theory]
    [InlineData("Datasets:0:Table")]
    [InlineData("Datasets:0")]
    [InlineData("Datasets")]
    public void AddAgentSync_DatasetsInASectionBoundByHand_AreRefusedNotPassedOver(string key)
    {
        var file = new ConfigurationBuilder().AddInMemoryCollection([new("Sync:" + key, "artifacts"), new("Sync:PageSize", "300")]).Build();
        _services.AddSingleton<ILocalStore, InMemoryTransactionalStore>().AddAgentSync(configure: TestOptions.Fill);
        _services.AddOptions<SyncOptions>().Bind(file.GetSection("Sync"));
        using var provider = _services.BuildServiceProvider();

        var exception = Assert.Throws<OptionsValidationException>(provider.GetRequiredService<ISyncEngine>);

        Assert.Contains("section 'Sync:Datasets'", Assert.Single(exception.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddAgentSync_SectionWithDatasets_HasThemBeforeThoseOfTheCode()
    {
        _services.AddSingleton<ILocalStore, InMemoryTransactionalStore>().AddAgentSync(section: SectionOf("notes"), configure: TestOptions.Fill);
        await using var provider = _services.BuildServiceProvider();

        var status = await provider.GetRequiredService<ISyncEngine>().GetStatusAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["notes", "artifacts"], status.Datasets.Select(static dataset => dataset.Dataset));
    }

    [Fact]
    public void AddAgentSync_OneNameInSectionAndCode_IsRefused()
    {
        _services.AddSingleton<ILocalStore, InMemoryTransactionalStore>().AddAgentSync(section: SectionOf("artifacts"), configure: TestOptions.Fill);
        using var provider = _services.BuildServiceProvider();

        var exception = Assert.Throws<OptionsValidationException>(provider.GetRequiredService<ISyncEngine>);

        Assert.Contains("Datasets holds 'artifacts' twice", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AddAgentSync_BoundSectionWithoutDatasets_IsAccepted()
    {
        var file = new ConfigurationBuilder().AddInMemoryCollection([new("Sync:PageSize", "300")]).Build();
        _services.AddSingleton<ILocalStore, InMemoryTransactionalStore>().AddAgentSync(configure: TestOptions.Fill);
        _services.AddOptions<SyncOptions>().Bind(file.GetSection("Sync"));
        using var provider = _services.BuildServiceProvider();

        Assert.NotNull(provider.GetRequiredService<ISyncEngine>());
    }

    [Fact]
    public void AddAgentSync_ConfiguredBefore_PutsTheEnvironmentFirst()
    {
        ServiceCollection services = [];
        services.Configure<SyncOptions>(static options => options.PageSize = 5);

        services.AddAgentSync(configure: TestOptions.Fill);
        services.AddAgentSync("red", configure: TestOptions.Fill);

        var first = services.First(service => service.ServiceType == typeof(IConfigureOptions<SyncOptions>));
        Assert.IsType<EnvironmentConfiguration>(first.ImplementationInstance);
        Assert.Single(services, service => service is { IsKeyedService: false, ImplementationInstance: EnvironmentConfiguration });
    }

    [Fact]
    public void AddAgentSync_OptionsFromServices_ReadsThem()
    {
        _services.AddSingleton(new Uri("https://from-services.example.test"));
        _services.AddAgentSync(configure: TestOptions.Fill);
        _services.AddOptions<SyncOptions>().Configure<Uri>(static (options, url) => options.Url = url);
        using var provider = _services.BuildServiceProvider();

        Assert.Equal("from-services.example.test", provider.GetRequiredService<IOptions<SyncOptions>>().Value.Url!.Host);
    }

    [Fact]
    public void AddAgentSync_HandlerThatFollowsRedirects_IsRefused()
    {
        _services.AddSingleton<ILocalStore, InMemoryTransactionalStore>().AddAgentSync(configure: TestOptions.Fill);
        _services.AddHttpClient(AgentSyncServiceCollectionExtensions.HttpClientName)
            .ConfigurePrimaryHttpMessageHandler(static () => new HttpClientHandler());
        using var provider = _services.BuildServiceProvider();

        Assert.Contains("redirects", Assert.Throws<InvalidOperationException>(provider.GetRequiredService<ISyncEngine>).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AddAgentSync_NamedHandler_IsUsedByItsEngineOnly()
    {
        _services.AddAgentSync("red", configure: TestOptions.Fill);
        _services.AddAgentSync("blue", configure: TestOptions.Fill);
        _services
            .AddKeyedSingleton<ILocalStore, InMemoryTransactionalStore>("red")
            .AddKeyedSingleton<ILocalStore, InMemoryTransactionalStore>("blue");
        var made = 0;
        _services.AddHttpClient(AgentSyncServiceCollectionExtensions.HttpClientName + "/red").ConfigurePrimaryHttpMessageHandler(() =>
        {
            made++;
            return new SocketsHttpHandler { AllowAutoRedirect = false };
        });
        using var provider = _services.BuildServiceProvider();

        provider.GetRequiredKeyedService<ISyncEngine>("blue");
        Assert.Equal(0, made);
        provider.GetRequiredKeyedService<ISyncEngine>("red");
        Assert.Equal(1, made);
    }

    [Fact]
    public void AddAgentSync_TwiceUnderOneName_IsRefused()
    {
        _services.AddAgentSync();
        _services.AddAgentSync("red");

        Assert.Contains("give the second one a name", Assert.Throws<InvalidOperationException>(() => _services.AddAgentSync()).Message, StringComparison.Ordinal);
        Assert.Contains("'red'", Assert.Throws<InvalidOperationException>(() => _services.AddAgentSync("red")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AddAgentSync_SectionEnvironmentAndCode_WinInThatOrder()
    {
        ServiceCollection services = [];
        services.AddSingleton<IConfigureOptions<SyncOptions>>(new EnvironmentConfiguration(static name => name switch
        {
            "AGENT_SYNC_PAGE_SIZE" => "200",
            "AGENT_SYNC_COMMIT_ROWS" => "66",
            _ => null,
        }));
        var file = new ConfigurationBuilder().AddInMemoryCollection(
            [new("S:PageSize", "300"), new("S:Commit:Rows", "77"), new("S:Push:ConflictPolicy", "LocalWins"), new("S:Retry:Delay", "00:00:03"), new("S:Url", "https://bound.example.test")]).Build();
        services.AddAgentSync(section: file.GetSection("S")).Configure(static options => options.PageSize = 400);
        using var provider = services.BuildServiceProvider();

        // Without a dataset the options are not valid, so they are made without the checks.
        var options = new SyncOptions();
        foreach (var configure in provider.GetServices<IConfigureOptions<SyncOptions>>())
        {
            configure.Configure(options);
        }

        Assert.Equal((400, 66, ConflictPolicy.LocalWins), (options.PageSize, options.Commit.Rows, options.Push.ConflictPolicy));
        Assert.Equal((TimeSpan.FromSeconds(3), "bound.example.test"), (options.Retry.Delay, options.Url!.Host));
    }

    [Fact]
    public async Task UseSession_OfTheContainer_LeadsToItsProject()
    {
        using SupabaseSession session = new("https://session.example.test", "publishable");
        _services.AddSingleton(session);
        _services.AddAgentSync().UseSession().UseLocalStore(static () => new InMemoryTransactionalStore()).AddDataset(TestOptions.Dataset("items"));
        await using var provider = _services.BuildServiceProvider();

        var options = provider.GetRequiredService<IOptions<SyncOptions>>().Value;

        Assert.Equal(("session.example.test", "publishable"), (options.Url!.Host, options.ApiKey));
        Assert.Null(await options.AccessTokenProvider!(null, TestContext.Current.CancellationToken));
        Assert.Single((await provider.GetRequiredService<ISyncEngine>().GetStatusAsync(TestContext.Current.CancellationToken)).Datasets);
    }

    [Fact]
    public void UseSqlite_WithAndWithoutName_AreTwoStores()
    {
        _services.AddAgentSync().UseSqlite("one.db");
        _services.AddAgentSync("red").UseSqlite("two.db");
        using var provider = _services.BuildServiceProvider();

        Assert.IsType<SqliteStore>(provider.GetRequiredService<ILocalStore>());
        Assert.NotSame(provider.GetRequiredService<ILocalStore>(), provider.GetRequiredKeyedService<ILocalStore>("red"));
    }

    [Fact]
    public void Build_OfAContainersBuilder_SaysWhereTheEngineIs()
    {
        var builder = _services.AddAgentSync();

        Assert.Contains(nameof(ISyncEngine), Assert.Throws<InvalidOperationException>(builder.Build).Message, StringComparison.Ordinal);
        Assert.Contains(nameof(ISyncEngine), Assert.Throws<InvalidOperationException>(builder.BuildOffline).Message, StringComparison.Ordinal);
    }

    private static void Fill(SyncOptions options, string table)
    {
        TestOptions.Fill(options);
        options.Datasets.Clear();
        options.Datasets.Add(TestOptions.Dataset(table));
    }

    private static IConfigurationSection SectionOf(string table) => new ConfigurationBuilder().AddInMemoryCollection(
    [
        new("Sync:Datasets:0:Table", table),
        new("Sync:Datasets:0:Key:0", "id"),
        new("Sync:Datasets:0:UpdatedAt", "updated_at"),
        new("Sync:Datasets:0:Columns:id", "uuid"),
    ]).Build().GetSection("Sync");
}
