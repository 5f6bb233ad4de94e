using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using BackendHost;
using BenchmarkSuite.Measuring;

namespace BenchmarkSuite.Peers;

/// <summary>The local backend with one user's rows, and what happens on it beside the peers.</summary>
internal sealed class Server : IAsyncDisposable
{
    public const string NewRows = "New ";

    private readonly LocalBackendHost _backend;
    private readonly Guid _userId;
    private int _changes;

    private Server(LocalBackendHost backend, Guid userId, string token, int rows)
    {
        _backend = backend;
        _userId = userId;
        Token = token;
        Rows = rows;
    }

    public Uri Url => _backend.Url;

    public string ApiKey => _backend.PublishableKey;

    public string DatabaseUrl => _backend.DatabaseUrl!;

    /// <summary>Gets the user's access token.</summary>
    public string Token { get; }

    /// <summary>Gets how many rows the user has before anything is pushed.</summary>
    public int Rows { get; }

    /// <summary>Gets the processes whose CPU time is the server's.</summary>
    public IReadOnlyList<int> Processes => [_backend.ProcessId];

    public static async Task<Server> StartAsync(bool kit, int rows)
    {
        var backend = await LocalBackendHost.StartAsync(new LocalBackendOptions
        {
            Engine = LocalBackendEngine.PostgreSql,
            Kit = kit,
            JwtExpiry = TimeSpan.FromHours(12),
            Log = Console.Error.WriteLine,
        });
        SeedOptions seed = new() { Rows = rows, Users = ["ada@example.test"] };
        var seeded = await backend.SeedAsync(seed);
        var token = await SignInAsync(backend, seed);
        return new Server(backend, seeded.Users[0].Id, token, rows);
    }

    /// <summary>Changes rows as other devices would, each to a name of its own.</summary>
    public async Task ChangeAsync(string table, int count)
    {
        await SqlAsync(ChangeText(table, count));
        await SettleAsync(table);
    }

    /// <summary>Returns the statement that changes rows, spread over the whole table.</summary>
    public string ChangeText(string table, int count) => string.Create(
        CultureInfo.InvariantCulture,
        $"update {table} set name = 'Changed {++_changes} ' || id where id in (select id from {table} where name not like '{NewRows}%' order by md5(id::text || '{_changes}') limit {count})");

    /// <summary>Returns the statement that adds rows of the user's.</summary>
    public string AddText(string table, int count) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        insert into {{table}} (type, name, content, metadata, owner_id)
        select 'report', '{{NewRows}}' || gen_random_uuid(), repeat('words ', 167), '{"tags":["a","b"]}', '{{_userId}}' from generate_series(1, {{count}})
        """);

    /// <summary>Makes sure that what a peer says it has pushed is there.</summary>
    /// <exception cref="PeerException">It is not.</exception>
    public async Task CheckPushedAsync(Peer peer, string ending, int expected)
    {
        var found = (await SqlAsync($"select count(*)::int as rows from {peer.Table} where name like '{NewRows}%{ending}'"))[0].GetProperty("rows").GetInt32();
        if (found != expected)
        {
            throw new PeerException(string.Create(CultureInfo.InvariantCulture, $"of {expected} rows that it was to push, {found} are on the server."));
        }
    }

    /// <summary>Removes what a peer has pushed, and makes what was changed old: else the next peer's overlap would read it again.</summary>
    public async Task RestoreAsync(string table)
    {
        await SqlAsync($"""
            begin;
            delete from {table} where name like '{NewRows}%';
            set local session_replication_role = replica;
            update {table} set updated_at = updated_at - interval '1 hour' where updated_at > now() - interval '30 minutes';
            commit
            """);
        await SettleAsync(table);
    }

    /// <summary>Leaves no work to the database's own maintenance, which would run beside a measurement.</summary>
    public async Task SettleAsync(string table)
    {
        await SqlAsync($"vacuum (analyze) {table}");
        await SqlAsync("checkpoint");
    }

    /// <summary>Reads the name of every row.</summary>
    public async Task<IReadOnlyDictionary<Guid, string>> ReadNamesAsync(string table) =>
        (await SqlAsync($"select id::text as id, name from {table}"))
            .ToDictionary(static row => row.GetProperty("id").GetGuid(), static row => row.GetProperty("name").GetString()!);

    public Task<IReadOnlyList<JsonElement>> SqlAsync(string text, string? session = null) => _backend.SqlAsync(text, session);

    /// <summary>Restarts the API, which reads the schema once.</summary>
    public Task RestartAsync() => _backend.RestartAsync();

    public ValueTask DisposeAsync() => _backend.DisposeAsync();

    private static async Task<string> SignInAsync(LocalBackendHost backend, SeedOptions seed)
    {
        using HttpClient client = new() { BaseAddress = backend.Url };
        client.DefaultRequestHeaders.Add("apikey", backend.PublishableKey);
        using var answer = await client.PostAsJsonAsync(
            new Uri("/auth/v1/token?grant_type=password", UriKind.Relative), new { email = seed.Users[0], password = seed.Password });
        return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString()!;
    }
}
