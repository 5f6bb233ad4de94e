using System.Net;
using Agent.Sync.Stores;
using Agent.Sync.Testing;
using Agent.Sync.Tests.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Agent.Sync.Tests.DependencyInjection;

/// <summary>What an app puts before all of its clients multiplies nothing of the engine's.</summary>
public sealed class OwnHandlersTests
{
    private readonly List<string> _asked = [];
    private readonly IServiceCollection _services = new ServiceCollection()
        .AddSingleton<IConfigureOptions<SyncOptions>>(TestOptions.NoEnvironment)
        .AddSingleton<ILocalStore, InMemoryTransactionalStore>();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AddAgentSync_StandardResilienceForAllClients_SendsAFailingRequestFourTimes(bool isBefore)
    {
        void Defaults() => _services.ConfigureHttpClientDefaults(static client => client.AddStandardResilienceHandler());

        Assert.Equal(["server", "server", "server", "server"], await AskAsync(isBefore ? Defaults : null, isBefore ? null : Defaults));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AddAgentSync_HandlersForAllClientsAndForThisOne_UsesThisOnesAlone(bool isBefore)
    {
        void Handlers()
        {
            _services.AddHttpClient(AgentSyncServiceCollectionExtensions.HttpClientName).AddHttpMessageHandler(() => new NotingHandler(_asked, "named"));
            _services.ConfigureHttpClientDefaults(client => client.AddHttpMessageHandler(() => new NotingHandler(_asked, "default")));
            _services.AddHttpClient("other").AddHttpMessageHandler(() => new NotingHandler(_asked, "other"));
        }

        Assert.Equal(["named", "server"], (await AskAsync(isBefore ? Handlers : null, isBefore ? null : Handlers)).Take(2));
    }

    private async Task<IReadOnlyList<string>> AskAsync(Action? before, Action? after)
    {
        before?.Invoke();
        _services.AddAgentSync(configure: static options =>
        {
            TestOptions.Fill(options);
            options.AccessTokenProvider = static (_, _) => ValueTask.FromResult<AccessToken?>(Postgrest.TestToken.Of());
            options.Retry.Delay = TimeSpan.FromMilliseconds(1);
            options.Retry.MaxRetries = 3;
            options.SqlKit = SqlKitMode.Ignore;
        });
        after?.Invoke();
        _services.AddHttpClient(AgentSyncServiceCollectionExtensions.HttpClientName)
            .ConfigurePrimaryHttpMessageHandler(() => new FailingHandler(_asked));
        await using var provider = _services.BuildServiceProvider();

        await Assert.ThrowsAsync<SyncTransportException>(
            () => provider.GetRequiredService<ISyncEngine>().SyncAsync(cancellationToken: TestContext.Current.CancellationToken));
        return _asked;
    }

    private sealed class NotingHandler(List<string> asked, string name) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            asked.Add(name);
            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class FailingHandler(List<string> asked) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            asked.Add("server");
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.ServiceUnavailable));
        }
    }
}
