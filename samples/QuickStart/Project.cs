using BackendHost;

namespace QuickStart;

/// <summary>What the sample syncs with. AGENT_SYNC_URL names a project of one's own; without it, a local backend is started.</summary>
internal sealed class Project : IAsyncDisposable
{
    private const int Rows = 1_000;

    private readonly LocalBackendHost? _backend;

    private Project(Uri url, string key, string email, string password, string database, LocalBackendHost? backend = null)
    {
        Url = url;
        Key = key;
        Email = email;
        Password = password;
        Database = database;
        _backend = backend;
    }

    public Uri Url { get; }

    public string Key { get; }

    public string Email { get; }

    public string Password { get; }

    /// <summary>Gets the SQLite file.</summary>
    public string Database { get; }

    /// <summary>Gets a value indicating whether the project was made for this run, so that files of an earlier one are of no use.</summary>
    public bool IsNew => _backend is not null;

    public static async Task<Project> OpenAsync()
    {
        try
        {
            return Find("AGENT_SYNC_URL") is { } url
                ? new Project(
                    Uri.TryCreate(url, UriKind.Absolute, out var absolute) ? absolute : throw new FormatException("AGENT_SYNC_URL must be a URL such as https://abc.supabase.co."),
                    Require("AGENT_SYNC_KEY"),
                    Require("AGENT_SYNC_EMAIL"),
                    Require("AGENT_SYNC_PASSWORD"),
                    Path.GetFullPath(Find("AGENT_SYNC_DATABASE") ?? "artifacts.db"))
                : await StartAsync();
        }
        catch (Exception exception) when (exception is LocalBackendException or FormatException)
        {
            // What to do is in the message.
            await Console.Error.WriteLineAsync(exception.Message);
            Environment.Exit(1);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_backend is not null)
        {
            await _backend.DisposeAsync();
        }
    }

    private static async Task<Project> StartAsync()
    {
        Console.WriteLine($"AGENT_SYNC_URL is not set: starting a local backend with {Rows} rows.");
        SeedOptions seed = new() { Rows = Rows };
        var backend = await LocalBackendHost.StartAsync(new LocalBackendOptions { Log = Console.Error.WriteLine });
        try
        {
            await backend.SeedAsync(seed);
        }
        catch
        {
            await backend.DisposeAsync();
            throw;
        }

        // The backend is new each time, and a file belongs to one project.
        var database = Path.Combine(AppContext.BaseDirectory, "artifacts.db");
        foreach (var suffix in (string[])["", "-wal", "-shm"])
        {
            File.Delete(database + suffix);
        }

        return new Project(backend.Url, backend.PublishableKey, seed.Users[0], seed.Password, database, backend);
    }

    private static string? Find(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static string Require(string name) =>
        Find(name) ?? throw new FormatException($"{name} is missing: with AGENT_SYNC_URL, set AGENT_SYNC_KEY, AGENT_SYNC_EMAIL and AGENT_SYNC_PASSWORD too.");
}
