using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace BackendHost;

/// <summary>
/// A running local backend: PostgreSQL (or PGlite) behind Supabase's own PostgREST/GoTrue-compatible server, on
/// loopback. Everything it started ends with it, also when this process is killed. Safe for concurrent use.
/// </summary>
public sealed class LocalBackendHost : IAsyncDisposable
{
    private readonly Supervisor _supervisor;

    private LocalBackendHost(Supervisor supervisor, JsonElement ready)
    {
        _supervisor = supervisor;
        Url = new Uri(ready.GetProperty("url").GetString()!);
        PublishableKey = ready.GetProperty("publishableKey").GetString()!;
        SecretKey = ready.GetProperty("secretKey").GetString()!;
        JwtSecret = ready.GetProperty("jwtSecret").GetString()!;
        DatabaseUrl = ready.GetProperty("databaseUrl").GetString();
        Mode = ready.GetProperty("mode").GetString() == "pglite" ? LocalBackendMode.PGlite : LocalBackendMode.PostgreSql;
        ProcessId = ready.GetProperty("pid").GetInt32();
    }

    /// <summary>Gets the project URL; the REST API is below <c>rest/v1/</c>, the auth API below <c>auth/v1/</c>.</summary>
    public Uri Url { get; }

    /// <summary>Gets the key for the <c>apikey</c> header of apps.</summary>
    public string PublishableKey { get; }

    /// <summary>Gets the key that bypasses row-level security.</summary>
    public string SecretKey { get; }

    /// <summary>Gets the HS256 secret that signs access tokens, for tests that mint their own.</summary>
    public string JwtSecret { get; }

    /// <summary>Gets the superuser's libpq URL, or null with PGlite.</summary>
    public string? DatabaseUrl { get; }

    /// <summary>Gets the superuser's connection string in Npgsql's form, or null with PGlite.</summary>
    public string? DatabaseConnectionString
    {
        get
        {
            if (DatabaseUrl is null)
            {
                return null;
            }

            Uri url = new(DatabaseUrl);
            string[] user = url.UserInfo.Split(':');
            return string.Create(CultureInfo.InvariantCulture,
                $"Host={url.Host};Port={url.Port};Username={user[0]};Password={user[1]};Database={url.AbsolutePath.TrimStart('/')}");
        }
    }

    /// <summary>Gets the database the backend runs on.</summary>
    public LocalBackendMode Mode { get; }

    /// <summary>Gets the id of the process that supervises the others.</summary>
    public int ProcessId { get; }

    /// <summary>Gets how often the API's process ended by itself, as it does when PostgreSQL drops a query in flight.</summary>
    public int ApiExits => _supervisor.ApiExits;

    /// <summary>Finds the folder of the server: AGENT_SYNC_LOCAL_BACKEND, or eng/backend above the program or the current folder.</summary>
    /// <exception cref="LocalBackendException">There is none; the message says what to do.</exception>
    public static string FindServer() => ProgramFinder.FindFolder();

    /// <summary>Starts a backend and waits until it answers. Installs the npm packages first when they are missing.</summary>
    /// <param name="options">How to start it; null means the defaults.</param>
    /// <param name="cancellationToken">Gives up and stops what was started.</param>
    /// <exception cref="LocalBackendException">Something is missing or did not start; the message says what to do.</exception>
    public static async Task<LocalBackendHost> StartAsync(
        LocalBackendOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new LocalBackendOptions();
        string folder = ProgramFinder.FindFolder();
        string node = await ProgramFinder.FindNodeAsync(cancellationToken);
        await NodePackages.EnsureAsync(folder, node, options.Log, cancellationToken);
        Supervisor supervisor = new(node, folder, ArgumentsFor(options), options.Log);
        try
        {
            return new LocalBackendHost(supervisor, await supervisor.Ready.WaitAsync(options.StartTimeout, cancellationToken));
        }
        catch (Exception exception)
        {
            await supervisor.DisposeAsync();
            if (exception is TimeoutException)
            {
                throw new LocalBackendException(
                    $"The local backend was not ready within {options.StartTimeout.TotalSeconds:0} s.", innerException: exception);
            }

            throw;
        }
    }

    /// <summary>Creates users and gives each the same artifacts and projects.</summary>
    /// <param name="options">What to write; null means the defaults.</param>
    /// <param name="cancellationToken">Stops waiting; the backend finishes what it began.</param>
    public async Task<SeedResult> SeedAsync(SeedOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new SeedOptions();
        JsonObject command = new()
        {
            ["command"] = "seed",
            ["rows"] = options.Rows,
            ["firstIndex"] = options.FirstIndex,
            ["projects"] = options.Projects,
            ["users"] = new JsonArray([.. options.Users.Select(user => (JsonNode)user)]),
            ["password"] = options.Password,
            ["contentBytes"] = options.ContentBytes,
            ["spreadSeconds"] = (long)options.Spread.TotalSeconds,
            ["newestSecondsAgo"] = (long)options.NewestAge.TotalSeconds,
            ["sameTimestamp"] = options.SameTimestamp,
            ["deletedEvery"] = options.DeletedEvery,
        };
        if (options.StepMicroseconds is { } step)
        {
            command["stepMicroseconds"] = step;
        }

        JsonElement answer = await _supervisor.SendAsync(command, cancellationToken);
        SeededUser[] users = [.. answer.GetProperty("users").EnumerateArray().Select(user => new SeededUser(
            user.GetProperty("email").GetString()!,
            user.GetProperty("id").GetGuid(),
            user.GetProperty("artifacts").GetInt32(),
            user.GetProperty("projects").GetInt32()))];
        return new SeedResult(users, answer.GetProperty("artifacts").GetInt32());
    }

    /// <summary>Runs SQL as the superuser and returns the last statement's rows, an object each.</summary>
    /// <param name="text">One or several statements. Without a session, no transaction stays open after them.</param>
    /// <param name="session">A name for a session of its own that keeps its open transaction between calls; PostgreSQL only. Null shares.</param>
    /// <param name="cancellationToken">Stops waiting; the statement goes on.</param>
    /// <exception cref="LocalBackendException">The database refused it; <see cref="LocalBackendException.Code"/> is the SQLSTATE.</exception>
    /// <remarks>bigint beyond 2^53 and numeric come as strings, timestamps as PostgREST writes them.</remarks>
    public async Task<IReadOnlyList<JsonElement>> SqlAsync(
        string text, string? session = null, CancellationToken cancellationToken = default)
    {
        JsonObject command = new() { ["command"] = "sql", ["text"] = text };
        if (session is not null)
        {
            command["session"] = session;
        }

        JsonElement answer = await _supervisor.SendAsync(command, cancellationToken);
        return [.. answer.GetProperty("rows").EnumerateArray()];
    }

    /// <summary>Closes a named session; its open transaction is rolled back.</summary>
    /// <param name="session">The name given to <see cref="SqlAsync"/>.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task CloseSessionAsync(string session, CancellationToken cancellationToken = default) =>
        _supervisor.SendAsync(new JsonObject { ["command"] = "close-session", ["session"] = session }, cancellationToken);

    /// <summary>Restarts the API on the same port. Needed after DDL: it reads the schema once.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task RestartAsync(CancellationToken cancellationToken = default) => CommandAsync("restart", cancellationToken);

    /// <summary>Stops the API; the database stays. Connections are refused until <see cref="StartApiAsync"/>.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task StopApiAsync(CancellationToken cancellationToken = default) => CommandAsync("stop-api", cancellationToken);

    /// <summary>Starts the API again, on the same port.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task StartApiAsync(CancellationToken cancellationToken = default) => CommandAsync("start-api", cancellationToken);

    /// <summary>Stops PostgreSQL; the API stays and answers 503. Not with PGlite.</summary>
    /// <param name="crash">Whether it is killed rather than shut down. Set <see cref="LocalBackendOptions.Durable"/> for that.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task StopDatabaseAsync(bool crash = false, CancellationToken cancellationToken = default) =>
        _supervisor.SendAsync(new JsonObject { ["command"] = "stop-database", ["crash"] = crash }, cancellationToken);

    /// <summary>Starts PostgreSQL again, on the same port. Not with PGlite.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task StartDatabaseAsync(CancellationToken cancellationToken = default) => CommandAsync("start-database", cancellationToken);

    /// <summary>Stops everything and removes temporary data.</summary>
    public ValueTask DisposeAsync() => _supervisor.DisposeAsync();

    private Task<JsonElement> CommandAsync(string command, CancellationToken cancellationToken) =>
        _supervisor.SendAsync(new JsonObject { ["command"] = command }, cancellationToken);

    private static List<string> ArgumentsFor(LocalBackendOptions options)
    {
        // Ctrl+C reaches the whole process group; the backend has to outlive the app's last page.
        List<string> arguments = ["--ignore-sigint"];
        bool isCi = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI"));
        if (options.Engine == LocalBackendEngine.PGlite)
        {
            arguments.Add("--pglite");
        }
        else if (options.Engine == LocalBackendEngine.PostgreSql || isCi)
        {
            arguments.Add("--require-postgres");
        }

        if (options.Durable)
        {
            arguments.Add("--durable");
        }

        if (!options.Kit)
        {
            arguments.AddRange(["--kit", "off"]);
        }

        Add("--port", options.Port);
        Add("--max-rows", options.MaxRows);
        Add("--jwt-expiry", (long?)options.JwtExpiry?.TotalSeconds);
        Add("--statement-timeout", (long?)options.StatementTimeout?.TotalMilliseconds);
        if (options.DataDirectory is { } directory)
        {
            arguments.AddRange(["--data", Path.GetFullPath(directory)]);
        }

        return arguments;

        void Add(string name, long? value)
        {
            if (value is { } number)
            {
                arguments.AddRange([name, number.ToString(CultureInfo.InvariantCulture)]);
            }
        }
    }
}
