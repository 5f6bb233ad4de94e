using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using BackendHost;

namespace Agent.Sync.IntegrationTests.Backends;

/// <summary>A running backend, with what tests ask of it. Safe for concurrent use.</summary>
public sealed class Backend : IAsyncDisposable
{
    private readonly HttpClient _http = new();

    private Backend(LocalBackendHost host) => Host = host;

    public LocalBackendHost Host { get; }

    /// <summary>Gets whether two transactions can be open at once.</summary>
    public bool HasSessions => Host.Mode == LocalBackendMode.PostgreSql;

    public static async Task<Backend> StartAsync(LocalBackendOptions options) => new(await LocalBackendHost.StartAsync(options));

    /// <summary>Skips the running test where PostgreSQL is missing.</summary>
    public void RequireSessions() => Assert.SkipUnless(HasSessions, "Needs two database sessions, which PGlite does not have: install PostgreSQL.");

    public async Task<TestUser> SignUpAsync()
    {
        var email = $"user-{Guid.NewGuid():N}@example.test";
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Host.Url, "auth/v1/signup"))
        {
            Content = JsonContent.Create(new JsonObject { ["email"] = email, ["password"] = TestUser.Password }),
        };
        request.Headers.Add("apikey", Host.PublishableKey);
        using var response = await _http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        using var body = JsonDocument.Parse(await response.Content.ReadAsStreamAsync());
        return new TestUser(
            email,
            body.RootElement.GetProperty("user").GetProperty("id").GetGuid(),
            new AccessToken(body.RootElement.GetProperty("access_token").GetString()!));
    }

    /// <summary>Reads the last code that was sent to an address or a phone.</summary>
    public async Task<string> ReadCodeAsync(string to)
    {
        using var body = JsonDocument.Parse(await _http.GetStringAsync(new Uri(Host.Url, "local/code?to=" + Uri.EscapeDataString(to))));
        return body.RootElement.GetProperty("code").GetString()!;
    }

    /// <summary>Returns the environment that a process of the user's is started with.</summary>
    public Dictionary<string, string> EnvironmentOf(TestUser user) => new()
    {
        ["AGENT_SYNC_URL"] = Host.Url.ToString(),
        ["AGENT_SYNC_KEY"] = Host.PublishableKey,
        ["AGENT_SYNC_EMAIL"] = user.Email,
        ["AGENT_SYNC_PASSWORD"] = TestUser.Password,
    };

    /// <summary>Signs a user up and gives them artifacts, and projects too unless told otherwise.</summary>
    public async Task<TestUser> SignUpWithRowsAsync(int rows, SeedOptions? options = null)
    {
        var user = await SignUpAsync();
        if (rows > 0)
        {
            await SeedAsync(user, rows, options);
        }

        return user;
    }

    public Task SeedAsync(TestUser user, int rows, SeedOptions? options = null) => Host.SeedAsync(new SeedOptions
    {
        Rows = rows,
        Users = [user.Email],
        Password = TestUser.Password,
        ContentBytes = options?.ContentBytes ?? 100,
        FirstIndex = options?.FirstIndex ?? 1,
        Projects = options?.Projects ?? 0,
        Spread = options?.Spread ?? TimeSpan.FromDays(30),
        NewestAge = options?.NewestAge ?? TimeSpan.FromHours(1),
        StepMicroseconds = options?.StepMicroseconds,
        SameTimestamp = options?.SameTimestamp ?? false,
        DeletedEvery = options?.DeletedEvery ?? 0,
    });

    /// <summary>Runs SQL as the superuser, with the triggers that stamp rows.</summary>
    public Task<IReadOnlyList<JsonElement>> SqlAsync(string sql) => Host.SqlAsync(sql);

    /// <summary>Writes rows with the stamps as they are given: no trigger runs.</summary>
    public Task WriteStampedAsync(string sql, string? session = null) =>
        Host.SqlAsync($"begin; set local session_replication_role = replica; {sql}; {(session is null ? "commit;" : "set local session_replication_role = origin;")}", session);

    /// <summary>Inserts artifacts that were stamped before this second: a run takes at most one page of what is newer.</summary>
    public Task InsertArtifactsAsync(TestUser user, int count) => InsertStampedArtifactsAsync(user, count, "now() - interval '2 seconds'");

    /// <summary>Inserts artifacts as any writer does: the trigger stamps them with the transaction's start.</summary>
    public static string InsertArtifacts(TestUser user, int count) => string.Create(
        CultureInfo.InvariantCulture,
        $"insert into public.artifacts (type, name, owner_id) select 'note', 'New ' || i, '{user.Id}' from generate_series(1, {count}) as i;");

    /// <summary>Inserts artifacts with a stamp of the caller's.</summary>
    /// <param name="user">The owner.</param>
    /// <param name="count">How many.</param>
    /// <param name="stamp">SQL for the stamp; <c>i</c> counts from 1.</param>
    /// <param name="session">A session that keeps the transaction open; null commits.</param>
    public Task InsertStampedArtifactsAsync(TestUser user, int count, string stamp, string? session = null) => WriteStampedAsync(
        string.Create(
            CultureInfo.InvariantCulture,
            $"insert into public.artifacts (type, name, owner_id, updated_at) select 'note', 'Stamped ' || i, '{user.Id}', {stamp} from generate_series(1, {count}) as i"),
        session);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Host.DisposeAsync();
    }
}
