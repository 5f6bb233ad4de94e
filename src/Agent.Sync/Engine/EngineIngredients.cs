using System.Diagnostics.Metrics;
using Agent.Sync.Resilience;
using Agent.Sync.Seams;
using Agent.Sync.Stores;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agent.Sync.Engine;

/// <summary>What the builder and the container gather for an engine, and how it is put together.</summary>
internal sealed record EngineIngredients
{
    /// <summary>Gets the options, checked already; they are copied.</summary>
    public required SyncOptions Options { get; init; }

    public required ILocalStore Local { get; init; }

    /// <summary>Gets what sends the requests; null for an engine that only works on its stores.</summary>
    public HttpMessageHandler? Handler { get; init; }

    public ICheckpointStore? Checkpoints { get; init; }

    public ILoggerFactory? Loggers { get; init; }

    public IMeterFactory? Meters { get; init; }

    public TimeProvider? Time { get; init; }

    /// <summary>Gets what the engine disposes when it ends, in this order. The handler and the stores are others' unless they are named here.</summary>
    public IReadOnlyList<object> Owned { get; init; } = [];

    /// <summary>Gets what an engine without a handler lacks to sync.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    /// <exception cref="InvalidOperationException">The parts do not go together.</exception>
    public SyncEngine Compose()
    {
        if (Handler is not null)
        {
            RedirectRule.Require(Handler);
        }

        var checkpoints = CheckpointStoreRule.Choose(Local, Checkpoints);
        var seams = Time is null ? new EngineSeams() : new EngineSeams { Time = Time };
        var options = Options.Copy();
        var http = Handler is null ? null : new HttpMessageInvoker(Handler, disposeHandler: false);
        return new SyncEngine(
            options,
            Local,
            checkpoints,
            http,
            new UserRateLimiter(options.RateLimit, seams.Time),
            Loggers ?? NullLoggerFactory.Instance,
            Meters,
            seams,
            http is null ? Owned : [http, .. Owned],
            Missing);
    }
}
