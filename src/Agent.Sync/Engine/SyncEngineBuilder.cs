using System.Diagnostics.Metrics;
using Agent.Sync.Configuration;
using Agent.Sync.Engine;
using Agent.Sync.Resilience;
using Agent.Sync.Stores;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Agent.Sync;

/// <summary>Makes an engine without dependency injection. Not safe for concurrent use; the engine it makes is.</summary>
public sealed class SyncEngineBuilder
{
    private readonly EnvironmentConfiguration _environment;
    private readonly List<Action<SyncOptions>> _configure = [];
    private ILocalStore? _local;
    private Func<ILocalStore>? _createLocal;
    private ICheckpointStore? _checkpoints;
    private HttpMessageHandler? _handler;
    private ILoggerFactory? _loggers;
    private IMeterFactory? _meters;
    private TimeProvider? _time;

    /// <summary>Initializes a new instance. AGENT_SYNC_* variables are read by <see cref="Build"/>.</summary>
    public SyncEngineBuilder()
        : this(EnvironmentConfiguration.OfProcess)
    {
    }

    internal SyncEngineBuilder(EnvironmentConfiguration environment) => _environment = environment;

    /// <summary>Sets options. May be called several times: later calls see, and win over, what earlier ones set.</summary>
    /// <param name="configure">Sets options; called by <see cref="Build"/>, after the environment variables were applied.</param>
    /// <returns>This builder.</returns>
    public SyncEngineBuilder Configure(Action<SyncOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        _configure.Add(configure);
        return this;
    }

    /// <summary>Says where the rows go. Required, by this method or its overload.</summary>
    /// <param name="store">The store; it stays yours to dispose. One that implements <see cref="ICheckpointStore"/> too keeps the checkpoints.</param>
    /// <returns>This builder.</returns>
    public SyncEngineBuilder UseLocalStore(ILocalStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        (_local, _createLocal) = (store, null);
        return this;
    }

    /// <summary>Says where the rows go, with a store that lives and ends with the engine.</summary>
    /// <param name="create">Makes the store; called once by every <see cref="Build"/>. The engine disposes what it makes.</param>
    /// <returns>This builder.</returns>
    public SyncEngineBuilder UseLocalStore(Func<ILocalStore> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        (_local, _createLocal) = (null, create);
        return this;
    }

    /// <summary>Says where the positions go, for a local store that does not keep them itself.</summary>
    /// <param name="store">The store; it stays yours to dispose.</param>
    /// <returns>This builder.</returns>
    public SyncEngineBuilder UseCheckpointStore(ICheckpointStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        _checkpoints = store;
        return this;
    }

    /// <summary>Says where logs go. The default is nowhere.</summary>
    /// <param name="loggers">The factory; it stays yours to dispose.</param>
    /// <returns>This builder.</returns>
    public SyncEngineBuilder UseLoggerFactory(ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(loggers);
        _loggers = loggers;
        return this;
    }

    /// <summary>Says who makes the meter. By default the engine makes and ends its own; listeners find either by name.</summary>
    /// <param name="meters">The factory; it stays yours to dispose.</param>
    /// <returns>This builder.</returns>
    public SyncEngineBuilder UseMeterFactory(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        _meters = meters;
        return this;
    }

    /// <summary>Sends requests through a handler of the app's: a proxy, a client certificate, a test double.</summary>
    /// <param name="handler">
    /// The handler; it stays yours to dispose. It must not follow redirects, buffer bodies or have a timeout of its own:
    /// the engine does what is needed of that itself. Null options of <see cref="SocketsHttpHandler"/> are fine otherwise.
    /// </param>
    /// <returns>This builder.</returns>
    public SyncEngineBuilder UseHttpMessageHandler(HttpMessageHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        _handler = handler;
        return this;
    }

    /// <summary>Replaces the clock, for tests. The default is the system's.</summary>
    /// <param name="time">The clock.</param>
    /// <returns>This builder.</returns>
    public SyncEngineBuilder UseTimeProvider(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        _time = time;
        return this;
    }

    /// <summary>Makes the engine. Sends and opens nothing yet.</summary>
    /// <returns>The engine; dispose it when the app is done with it.</returns>
    /// <exception cref="OptionsValidationException">Options or AGENT_SYNC_* variables are wrong; the message names them all. The container throws the same.</exception>
    /// <exception cref="InvalidOperationException">There is no local store, no checkpoint store, or one too many; or the handler follows redirects.</exception>
    public StandaloneSyncEngine Build()
    {
        var options = new SyncOptions();
        _environment.Apply(Options.DefaultName, options);
        foreach (var configure in _configure)
        {
            configure(options);
        }

        SyncOptionsCheck.Require(options);
        var local = _local ?? _createLocal?.Invoke() ?? throw new InvalidOperationException(
            $"The engine needs a local store: call {nameof(UseLocalStore)}, or UseSqlite(path) of Agent.Sync.Sqlite.");
        List<object> owned = [];
        var handler = _handler;
        if (handler is null)
        {
            handler = HttpHandlers.Create();
            owned.Add(handler);
        }

        if (_local is null)
        {
            owned.Add(local);
        }

        return new EngineIngredients
        {
            Options = options,
            Local = local,
            Checkpoints = _checkpoints,
            Handler = handler,
            Loggers = _loggers,
            Meters = _meters,
            Time = _time,
            Owned = owned,
        }.Compose();
    }
}
