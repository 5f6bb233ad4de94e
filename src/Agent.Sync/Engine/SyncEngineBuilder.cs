using System.Diagnostics.Metrics;
using Agent.Sync.Configuration;
using Agent.Sync.Engine;
using Agent.Sync.Resilience;
using Agent.Sync.Stores;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Agent.Sync;

/// <summary>Configures and builds an engine: with <c>new</c> and <see cref="Build"/>, or with <c>services.AddAgentSync()</c>, where the container builds it.</summary>
/// <remarks>
/// <para>Not safe for concurrent use. The engine is.</para>
/// <para>
/// The first of these that sets an option wins: <see cref="Configure"/>, <see cref="UseSession"/> and <see cref="AddDataset(Dataset)"/>, the latest call first; the
/// AGENT_SYNC_* variables; the configuration section given to <c>AddAgentSync</c> or <see cref="UseConfiguration"/>; the defaults.
/// </para>
/// </remarks>
public sealed class SyncEngineBuilder
{
    private readonly EnvironmentConfiguration _environment;
    private readonly IServiceCollection? _services;
    private readonly string _name;
    private readonly List<Action<SyncOptions>> _configure = [];
    private IConfigurationSection? _section;
    private Func<ILocalStore>? _createLocal;
    private ILocalStore? _local;
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

    internal SyncEngineBuilder(EnvironmentConfiguration environment)
    {
        _environment = environment;
        _name = Options.DefaultName;
    }

    /// <summary>Initializes a new instance that registers its settings with a container.</summary>
    internal SyncEngineBuilder(IServiceCollection services, string name)
    {
        _environment = EnvironmentConfiguration.OfProcess;
        _services = services;
        _name = name;
    }

    /// <summary>Gets the services of the container that builds the engine, for extension methods of other packages; null without a container.</summary>
    public IServiceCollection? Services => _services;

    /// <summary>Gets the name that <c>AddAgentSync</c> was given: the key of the engine and its stores, and the name of its options. Null for none, and without a container.</summary>
    public string? Name => Key;

    /// <summary>Sets options. May be called several times. Later calls see, and override, what earlier ones set.</summary>
    /// <param name="configure">Sets options; called when the engine is built, after the environment variables were applied.</param>
    /// <returns>This builder.</returns>
    public SyncEngineBuilder Configure(Action<SyncOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        if (_services is null)
        {
            _configure.Add(configure);
        }
        else
        {
            _services.AddOptions<SyncOptions>(_name).Configure(configure);
        }

        return this;
    }

    /// <summary>Binds options and datasets to a configuration section, without reflection. AGENT_SYNC_* variables and code win over it; <see cref="AddDataset(Dataset)"/> adds to its datasets.</summary>
    /// <param name="section">The section, such as <c>configuration.GetSection("AgentSync")</c>; see <see cref="DatasetConfiguration"/> for its datasets. Read when the engine is built.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="InvalidOperationException">A section was given before, or the builder is a container's: give the section to <c>AddAgentSync</c>.</exception>
    public SyncEngineBuilder UseConfiguration(IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        if (_services is not null || _section is not null)
        {
            throw new InvalidOperationException(_services is null ? "UseConfiguration was called twice: give one section." : "Give the section to AddAgentSync(section: ...).");
        }

        _section = section;
        return this;
    }

    /// <summary>Takes URL, key and the signed-in user's token from a session. Required, unless <see cref="Configure"/> sets these.</summary>
    /// <param name="session">The session; it stays yours to dispose, after the engine. Null, the default, takes the container's <see cref="SupabaseSession"/>: the one of the engine's name, or else the one without.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentNullException">The session is null, and there is no container.</exception>
    public SyncEngineBuilder UseSession(SupabaseSession? session = null)
    {
        if (session is not null)
        {
            return Configure(session.ApplyTo);
        }

        ArgumentNullException.ThrowIfNull(_services, nameof(session));
        _services.AddOptions<SyncOptions>(_name).Configure<IServiceProvider>((options, provider) => RegisteredSession.Require(provider, _services, Key).ApplyTo(options));
        return this;
    }

    /// <summary>Adds a dataset. Call it once per dataset, parents first.</summary>
    /// <param name="dataset">The dataset, or a <see cref="DatasetBuilder"/>.</param>
    /// <returns>This builder.</returns>
    public SyncEngineBuilder AddDataset(Dataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        return Configure(options => options.Datasets.Add(dataset));
    }

    /// <summary>Adds the dataset of an entity. Call it once per entity, parents first.</summary>
    /// <typeparam name="T">A partial class with <see cref="SyncTableAttribute"/>.</typeparam>
    /// <param name="configure">Adds to the definition: a filter, a conflict policy or resolver, another name. Null, the default, takes it as it is.</param>
    /// <returns>This builder.</returns>
    public SyncEngineBuilder AddDataset<T>(Action<DatasetBuilder>? configure = null)
        where T : class, ISyncEntity<T>
    {
        if (configure is null)
        {
            return AddDataset(T.SyncDataset);
        }

        var definition = T.DefineSyncDataset();
        configure(definition);
        return AddDataset(definition.Build());
    }

    /// <summary>Sets the store for the rows. Required: by this method, its overload, a store's own method such as <c>UseSqlite</c>, or a store in the container.</summary>
    /// <param name="store">The store; it stays yours to dispose. One that implements <see cref="ICheckpointStore"/> too keeps the checkpoints.</param>
    /// <returns>This builder.</returns>
    public SyncEngineBuilder UseLocalStore(ILocalStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        (_local, _createLocal) = (store, null);
        return Register(new ServiceDescriptor(typeof(ILocalStore), Key, store));
    }

    /// <summary>Sets the store for the rows, which is created and disposed with the engine.</summary>
    /// <param name="create">Creates the store; called once for every engine. The engine, or the container, disposes the store.</param>
    /// <returns>This builder.</returns>
    public SyncEngineBuilder UseLocalStore(Func<ILocalStore> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        (_local, _createLocal) = (null, create);
        return Register(new ServiceDescriptor(typeof(ILocalStore), Key, (_, _) => create(), ServiceLifetime.Singleton));
    }

    /// <summary>Sets the store for checkpoints and leases, for a local store that does not keep them itself.</summary>
    /// <param name="store">The store; it stays yours to dispose.</param>
    /// <returns>This builder.</returns>
    public SyncEngineBuilder UseCheckpointStore(ICheckpointStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        _checkpoints = store;
        return Register(new ServiceDescriptor(typeof(ICheckpointStore), Key, store));
    }

    /// <summary>Sets the logger factory. The default is the container's; without a container nothing is logged.</summary>
    /// <param name="loggers">The factory; it stays yours to dispose.</param>
    /// <returns>This builder.</returns>
    public SyncEngineBuilder UseLoggerFactory(ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(loggers);
        _loggers = loggers;
        return this;
    }

    /// <summary>Sets the meter factory. The default is the container's; without one the engine creates and disposes a meter of its own. Listeners find either by name.</summary>
    /// <param name="meters">The factory; it stays yours to dispose.</param>
    /// <returns>This builder.</returns>
    public SyncEngineBuilder UseMeterFactory(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        _meters = meters;
        return this;
    }

    /// <summary>Sends requests through a handler of the app's: a proxy, a client certificate, a test double. In a container, handlers can also be added to the HTTP client by its name.</summary>
    /// <param name="handler">
    /// The handler; it stays yours to dispose. It must not follow redirects, buffer bodies or have a timeout of its own:
    /// the engine does that itself where it is needed. Null options of <see cref="SocketsHttpHandler"/> are fine otherwise.
    /// </param>
    /// <returns>This builder.</returns>
    public SyncEngineBuilder UseHttpMessageHandler(HttpMessageHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        _handler = handler;
        return this;
    }

    /// <summary>Replaces the clock, for tests. The default is the container's <see cref="TimeProvider"/>, or the system's.</summary>
    /// <param name="time">The clock.</param>
    /// <returns>This builder.</returns>
    public SyncEngineBuilder UseTimeProvider(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        _time = time;
        return this;
    }

    /// <summary>Builds the engine. Sends and opens nothing yet.</summary>
    /// <returns>The engine; dispose it when the app is done with it.</returns>
    /// <exception cref="OptionsValidationException">Options or AGENT_SYNC_* variables are wrong; the message names them all. The container throws the same.</exception>
    /// <exception cref="InvalidOperationException">There is no local store, no checkpoint store, or one too many; the handler follows redirects; or the builder is a container's, which builds the engine itself.</exception>
    public SyncEngine Build()
    {
        var options = ReadOptions();
        SyncOptionsCheck.Require(options);
        var ingredients = Gather(options);
        if (_handler is not null)
        {
            return (ingredients with { Handler = _handler }).Compose();
        }

        var handler = HttpHandlers.Create();
        return (ingredients with { Handler = handler, Owned = [handler, .. ingredients.Owned] }).Compose();
    }

    /// <summary>Builds an engine that works on its stores alone, without URL, key or session: status, local changes, retry, discard, reset, parked rows.</summary>
    /// <returns>The engine. Its <see cref="ISyncEngine.SyncAsync(SyncRequest, IProgress{SyncProgress}?, CancellationToken)"/> and <see cref="ISyncEngine.ReadPagesAsync"/> throw <see cref="InvalidOperationException"/>, which says what is missing.</returns>
    /// <exception cref="OptionsValidationException">Other options or AGENT_SYNC_* variables are wrong; the message names them all.</exception>
    /// <exception cref="InvalidOperationException">As for <see cref="Build"/>.</exception>
    public SyncEngine BuildOffline()
    {
        var options = ReadOptions();
        var missing = SyncOptionsCheck.RequireOffline(options);
        return (Gather(options) with { Missing = missing }).Compose();
    }

    /// <summary>Puts together the container's engine, with what this builder was given first and the container's services for the rest.</summary>
    internal SyncEngine Compose(IServiceProvider provider, string client) => new EngineIngredients
    {
        Options = provider.GetRequiredService<IOptionsMonitor<SyncOptions>>().Get(_name),
        Local = Find<ILocalStore>(provider) ?? throw new InvalidOperationException(
            _name.Length == 0
                ? "The engine needs a local store: call UseSqlite(path) of Agent.Sync.Sqlite after AddAgentSync(), or register an ILocalStore."
                : $"The engine '{_name}' needs a local store of its own: call UseSqlite(path) of Agent.Sync.Sqlite after AddAgentSync(\"{_name}\"), or register an ILocalStore under this key."),
        Checkpoints = Find<ICheckpointStore>(provider),
        Handler = _handler ?? provider.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler(client),
        Loggers = _loggers ?? provider.GetService<ILoggerFactory>(),
        Meters = _meters ?? provider.GetService<IMeterFactory>(),
        Time = _time ?? provider.GetService<TimeProvider>(),
    }.Compose();

    private string? Key => _name.Length == 0 ? null : _name;

    private SyncOptions ReadOptions()
    {
        if (_services is not null)
        {
            throw new InvalidOperationException($"A container makes this engine: take {nameof(ISyncEngine)} from it.");
        }

        var options = new SyncOptions();
        if (_section is not null)
        {
            BoundSection.Apply(_section, options);
        }

        _environment.Apply(Options.DefaultName, options);
        foreach (var configure in _configure)
        {
            configure(options);
        }

        return options;
    }

    private EngineIngredients Gather(SyncOptions options)
    {
        var local = _local ?? _createLocal?.Invoke() ?? throw new InvalidOperationException(
            $"The engine needs a local store: call {nameof(UseLocalStore)}, or UseSqlite(path) of Agent.Sync.Sqlite.");
        return new EngineIngredients
        {
            Options = options,
            Local = local,
            Checkpoints = _checkpoints,
            Loggers = _loggers,
            Meters = _meters,
            Time = _time,
            Owned = _local is null ? [local] : [],
        };
    }

    private SyncEngineBuilder Register(ServiceDescriptor service)
    {
        _services?.Replace(service);
        return this;
    }

    private T? Find<T>(IServiceProvider provider)
        where T : class => Key is null ? provider.GetService<T>() : provider.GetKeyedService<T>(Key);
}
