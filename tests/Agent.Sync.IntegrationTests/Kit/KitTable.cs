using System.Text.Json;
using Agent.Sync.IntegrationTests.Backends;

namespace Agent.Sync.IntegrationTests.Kit;

/// <summary>A table of one test, with an owner's policies, so that tests need not wait for one another.</summary>
internal sealed class KitTable(Backend backend, string name)
{
    public const string Columns = "id bigint primary key, owner_id uuid not null, name text unique, state text, note varchar(20), version bigint not null default 1";

    public string Name { get; } = name;

    /// <summary>Gets the name with its schema, as requests write it.</summary>
    public string FullName => $"public.{Name}";

    public string Tombstones => $"agent_sync.{Name}";

    public static async Task<KitTable> CreateAsync(Backend backend, string columns = Columns, string? enable = "", string options = "")
    {
        var table = new KitTable(backend, $"t_{Guid.NewGuid():N}");
        await table.SqlAsync(
            $"""
            create table {table.Name} ({columns}) {options};
            alter table {table.Name} enable row level security;
            create policy own_select on {table.Name} for select to authenticated using (owner_id = (select auth.uid()));
            create policy own_insert on {table.Name} for insert to authenticated with check (owner_id = (select auth.uid()));
            create policy own_update on {table.Name} for update to authenticated
                using (owner_id = (select auth.uid())) with check (owner_id = (select auth.uid()));
            create policy own_delete on {table.Name} for delete to authenticated using (owner_id = (select auth.uid()));
            grant select, insert, update, delete on {table.Name} to authenticated;
            """);
        if (enable is not null)
        {
            await table.EnableAsync(enable);
        }

        return table;
    }

    public Task EnableAsync(string arguments = "") => SqlAsync($"select agent_sync.enable('{FullName}'{arguments})");

    public Task<IReadOnlyList<JsonElement>> SqlAsync(string sql, string? session = null) =>
        backend.Host.SqlAsync(sql, session, TestContext.Current.CancellationToken);

    /// <summary>Runs SQL as a signed-in user of the API, in one transaction.</summary>
    public Task<IReadOnlyList<JsonElement>> SqlAsAsync(Guid user, string sql, string? session = null) => SqlAsync(
        $$"""
        select set_config('request.jwt.claims', '{"sub":"{{user}}","role":"authenticated"}', true),
            set_config('request.jwt.claim.sub', '{{user}}', true), set_config('role', 'authenticated', true);
        {{sql}}
        """,
        session);

    public Task InsertAsync(Guid owner, params long[] ids) =>
        SqlAsync($"insert into {Name} (id, owner_id, name) select i, '{owner}', '{Name}-' || i from unnest('{{{string.Join(',', ids)}}}'::bigint[]) as i");

    public async Task<long> StampAsync(long id) => long.Parse(
        (await SqlAsync($"select sync_seq::text as stamp from {Name} where id = {id}"))[0].GetProperty("stamp").GetString()!,
        System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Reads the keys of the tombstones that a user may see, with their stamps.</summary>
    public async Task<IReadOnlyDictionary<long, long>> TombstonesOfAsync(Guid user) =>
        (await SqlAsAsync(user, $"select id, max(sync_seq) as stamp from {Tombstones} group by id;")).ToDictionary(
            static row => row.GetProperty("id").GetInt64(), static row => row.GetProperty("stamp").GetInt64());

    /// <summary>Asks for the horizon as a user.</summary>
    public async Task<JsonElement> HorizonAsync() => Parse(await SqlAsAsync(
        Guid.NewGuid(), $$"""select agent_sync.horizon('{"tables":["{{FullName}}"]}')::text as answer;"""));

    /// <summary>Reads what the horizon tells of this table.</summary>
    public async Task<JsonElement> StateAsync() => (await HorizonAsync()).GetProperty("tables").GetProperty(FullName);

    public async Task<IReadOnlyList<string>> ProblemsAsync() =>
        [.. (await SqlAsync($"select problem from agent_sync.check('{FullName}')"))
            .Select(static row => row.GetProperty("problem").GetString()!)];

    /// <summary>Sends a batch as a user.</summary>
    public async Task<KitAnswer> PushAsync(Guid user, KitBatch batch, string? session = null) =>
        new(Parse(await SqlAsAsync(user, $"select agent_sync.push({Quote(batch.Json(FullName))}::json)::text as answer;", session)));

    public static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static JsonElement Parse(IReadOnlyList<JsonElement> rows)
    {
        using var document = JsonDocument.Parse(rows[0].GetProperty("answer").GetString()!);
        return document.RootElement.Clone();
    }
}
