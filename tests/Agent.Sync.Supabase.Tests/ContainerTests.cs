using System.Xml.Linq;
using Agent.Sync.Stores;
using Agent.Sync.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Client = global::Supabase.Client;

namespace Agent.Sync.Supabase.Tests;

public sealed class ContainerTests(LocalBackendFixture backend)
{
    private readonly IServiceCollection _services = new ServiceCollection();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task UseSupabaseClient_Singleton_LeadsTheEngineToItsProjectAndFollowsItsUser()
    {
        var email = await backend.SignUpAsync(6);
        _services.AddSingleton(backend.CreateClient());
        InMemoryTransactionalStore store = new();
        _services.AddAgentSync(configure: static options => options.AllowInsecureLoopback = true).UseSupabaseClient().UseLocalStore(store).AddDataset(SampleDatasets.Artifacts);
        await using var provider = _services.BuildServiceProvider(validateScopes: true);
        var options = provider.GetRequiredService<IOptions<SyncOptions>>().Value;
        var client = provider.GetRequiredService<Client>();

        Assert.Equal((backend.Host.Url, backend.Host.PublishableKey), (options.Url, options.ApiKey));
        Assert.Null(options.SignedInUser!());
        await client.Auth.SignInWithPassword(email, LocalBackendFixture.Password);
        Assert.Equal(client.Auth.CurrentUser!.Id, options.SignedInUser());
        await provider.GetRequiredService<ISyncEngine>().SyncAsync(cancellationToken: Cancellation);
        Assert.Equal(6, store.GetRows("artifacts").Count);
        await client.Auth.SignOut();
        Assert.Null(options.SignedInUser());
    }

    [Theory]
    [InlineData(ServiceLifetime.Scoped)]
    [InlineData(ServiceLifetime.Transient)]
    public void UseSupabaseClient_ClientOfAScope_IsRefusedAndSaysWhatToDo(ServiceLifetime lifetime)
    {
        _services.Add(new ServiceDescriptor(typeof(Client), _ => backend.CreateClient(), lifetime));
        AddEngine().UseSupabaseClient();
        using var provider = _services.BuildServiceProvider();

        var message = Assert.Throws<InvalidOperationException>(provider.GetRequiredService<ISyncEngine>).Message;

        Assert.Contains($"registered as {lifetime}", message, StringComparison.Ordinal);
        Assert.Contains("an engine per user: new SyncEngineBuilder().UseSupabaseClient(client)", message, StringComparison.Ordinal);
    }

    [Fact]
    public void UseSupabaseClient_NoClient_SaysWhatToRegister()
    {
        AddEngine().UseSupabaseClient();
        using var provider = _services.BuildServiceProvider();

        Assert.StartsWith("UseSupabaseClient() found no Supabase.Client", Assert.Throws<InvalidOperationException>(provider.GetRequiredService<ISyncEngine>).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void UseSupabaseClient_BuilderWithoutAContainer_IsRefused() =>
        Assert.Contains("needs a container", Assert.Throws<InvalidOperationException>(() => new SyncEngineBuilder().UseSupabaseClient()).Message, StringComparison.Ordinal);

    [Fact]
    public void UseSupabaseClient_ClientOfAScopeThatTheAppKeeps_IsTaken()
    {
        _services.AddScoped(_ => new Client("https://scoped.supabase.co", "sb_publishable_scoped"));
        AddEngine().UseSupabaseClient(static provider => provider.CreateScope().ServiceProvider.GetRequiredService<Client>());
        using var provider = _services.BuildServiceProvider(validateScopes: true);

        var options = provider.GetRequiredService<IOptions<SyncOptions>>().Value;

        Assert.Equal(("scoped.supabase.co", "sb_publishable_scoped"), (options.Url!.Host, options.ApiKey));
    }

    [Fact]
    public void UseSupabaseClient_NamedEngine_SetsItsOptionsAlone()
    {
        _services.AddSingleton(new Client("https://abc.supabase.co", "sb_publishable_abc"));
        _services.AddAgentSync("red").UseSupabaseClient().AddDataset(SampleDatasets.Artifacts);
        _services.AddAgentSync("blue", configure: static options => (options.Url, options.ApiKey, options.AccessTokenProvider) = (new Uri("https://blue.supabase.co"), "sb_publishable_blue", static (_, _) => default)).AddDataset(SampleDatasets.Artifacts);
        using var provider = _services.BuildServiceProvider();
        var options = provider.GetRequiredService<IOptionsMonitor<SyncOptions>>();

        Assert.Equal(("abc.supabase.co", "blue.supabase.co"), (options.Get("red").Url!.Host, options.Get("blue").Url!.Host));
    }

    [Fact]
    public void UseSupabaseClient_ClientBehindAnotherPath_LeavesTheUrlToTheApp()
    {
        Client client = new("https://abc.supabase.co", "sb_publishable_abc") { Postgrest = new global::Supabase.Postgrest.Client("https://gateway.example.test/rows") };
        _services.AddAgentSync().UseSupabaseClient(client).Configure(static options => options.ApiKey = "sb_publishable_abc").AddDataset(SampleDatasets.Artifacts);
        using var provider = _services.BuildServiceProvider();

        var exception = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<SyncOptions>>().Value);

        Assert.StartsWith("SyncOptions.Url must be", Assert.Single(exception.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public void Package_Dependencies_AreTheRealClientAndNotItsShape()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Agent.Sync.sln")))
        {
            root = root.Parent!;
        }

        var nuspec = XDocument.Load(Path.Combine(root.FullName, "src", "Agent.Sync.Supabase", "Agent.Sync.Supabase.nuspec"));
        var dependencies = nuspec.Descendants().Where(static element => element.Name.LocalName == "dependency").Select(static element => ((string)element.Attribute("id")!, (string?)element.Attribute("include")));
        var files = nuspec.Descendants().Where(static element => element.Name.LocalName == "file").Select(static element => Path.GetFileNameWithoutExtension((string)element.Attribute("src")!));

        // The generator of Agent.Sync arrives through every other package.
        Assert.Equal([("Agent.Sync", "All"), ("Supabase", null)], dependencies);
        Assert.DoesNotContain(files, static file => file.StartsWith("Supabase", StringComparison.Ordinal) || file.Contains("Shape", StringComparison.Ordinal));
    }

    private SyncEngineBuilder AddEngine() => _services.AddSingleton<ILocalStore, InMemoryTransactionalStore>().AddAgentSync().AddDataset(SampleDatasets.Artifacts);
}
