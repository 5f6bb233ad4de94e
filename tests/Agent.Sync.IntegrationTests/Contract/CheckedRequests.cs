using Agent.Sync.IntegrationTests.Processes;
using ApiContract.Checking;
using Microsoft.Extensions.DependencyInjection;

namespace Agent.Sync.IntegrationTests.Contract;

/// <summary>Handlers that check what they send against docs/openapi.json. Disposing fails the test if anything was not as described.</summary>
internal sealed class CheckedRequests : IDisposable
{
    private readonly ServiceProvider _services = BuildServices();
    private readonly List<HttpMessageHandler> _handlers = [];

    /// <summary>Gets the document.</summary>
    public static RequestContract Contract { get; } = new(File.ReadAllText(Path.Combine(Repository.Root, "docs", "openapi.json")));

    /// <summary>Gets what was sent.</summary>
    public ContractLog Log { get; } = new();

    /// <summary>Makes a handler for an engine or a session; it is disposed along with this object.</summary>
    public HttpMessageHandler HandlerFor(params IReadOnlyList<Dataset> datasets) => HandlerFor(datasets, static own => own);

    /// <summary>Makes a handler whose requests pass something more after they were checked.</summary>
    public HttpMessageHandler HandlerFor(IReadOnlyList<Dataset> datasets, Func<HttpMessageHandler, HttpMessageHandler> wrap)
    {
        // The one that an engine makes for itself, as a container gives it.
        var own = _services.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler(AgentSyncServiceCollectionExtensions.HttpClientName);
        var handler = new ContractHandler(Contract, datasets, Log, wrap(own));
        _handlers.Add(handler);
        return handler;
    }

    private static ServiceProvider BuildServices()
    {
        ServiceCollection services = [];
        services.AddAgentSync();
        return services.BuildServiceProvider();
    }

    public void Dispose()
    {
        foreach (var handler in _handlers)
        {
            handler.Dispose();
        }

        _services.Dispose();
        Log.ThrowIfViolated();
    }
}
