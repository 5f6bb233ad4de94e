using System.Diagnostics;
using System.Globalization;
using BackendHost;

namespace Agent.Sync.Benchmarks.EndToEnd;

/// <summary>
/// What the SQL kit costs PostgreSQL: plain statements on the sample's table with its triggers and without, in turn, and the push
/// function's time per row.
/// </summary>
internal static class KitRun
{
    private const int PushedRows = 500;
    private const string Session = "benchmark";
    private static readonly (string Name, string Change)[] Pushes =
    [
        ("insert", "'key', json_build_object('id', id), 'base', null, 'row', json_build_object('id', id, 'type', 'report', 'name', 'Row', 'content', repeat('words ', 170))"),
        ("update", "'key', json_build_object('id', id), 'base', sync_seq::text, 'row', json_build_object('name', 'Changed', 'content', repeat('other ', 170))"),
        ("delete", "'key', json_build_object('id', id), 'base', sync_seq::text"),
    ];

    public static async Task RunAsync(int rows, int rounds)
    {
        await using var backend = await LocalBackendHost.StartAsync(new LocalBackendOptions { Kit = true });
        var user = (await backend.SeedAsync(new SeedOptions { Rows = 1 })).Users[0].Id;
        await MeasureStatementsAsync(backend, user, rows, rounds);
        await backend.SqlAsync("truncate artifacts, agent_sync.artifacts");
        foreach (var (name, change) in Pushes)
        {
            var milliseconds = new List<double>();
            for (var round = 0; round < rounds; round++)
            {
                milliseconds.Add(await PushAsync(backend, user, name, change));
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"push of {PushedRows} {name}s: {Median(milliseconds) / PushedRows:F3} ms per row"));
        }
    }

    private static async Task MeasureStatementsAsync(LocalBackendHost backend, Guid user, int rows, int rounds)
    {
        (string Name, string Sql)[] statements =
        [
            ("insert", $"insert into artifacts (owner_id, type, name, content) select '{user}', 'report', 'Row ' || i, repeat('words ', 170) from generate_series(1, {rows}) as i"),
            ("update", "update artifacts set name = name || '!'"),
            ("update of a policy column", "update artifacts set owner_id = gen_random_uuid()"),
            ("delete", "delete from artifacts"),
        ];
        var seconds = statements.ToDictionary(static statement => statement.Name, static _ => (With: new List<double>(), Without: new List<double>()), StringComparer.Ordinal);
        for (var round = 0; round < rounds * 2; round++)
        {
            var isWith = round % 2 == 0;
            await backend.SqlAsync($"truncate artifacts, agent_sync.artifacts; {Switch(isWith)}");
            foreach (var (name, sql) in statements)
            {
                var watch = Stopwatch.StartNew();
                await backend.SqlAsync(sql);
                var (with, without) = seconds[name];
                (isWith ? with : without).Add(watch.Elapsed.TotalSeconds);
            }
        }

        await backend.SqlAsync(Switch(on: true));
        foreach (var (name, (with, without)) in seconds)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name} of {rows} rows: {Median(without):F2} s without the triggers, {Median(with):F2} s with, {Median(with) / Median(without):F2} times"));
        }
    }

    /// <summary>Times the function alone, on the server, as a client's role.</summary>
    private static async Task<double> PushAsync(LocalBackendHost backend, Guid user, string kind, string change)
    {
        var source = kind == "insert"
            ? $"select gen_random_uuid() as id, 0 as sync_seq from generate_series(1, {PushedRows})"
            : $"select id, sync_seq from artifacts limit {PushedRows}";

        // As autovacuum does soon after rows have come.
        await backend.SqlAsync("vacuum analyze artifacts");
        var columns = kind switch { "insert" => """["id","type","name","content"]""", "update" => """["name","content"]""", _ => "[]" };
        var rows = await backend.SqlAsync(
            $$"""
            begin;
            select set_config('request.jwt.claims', '{"sub":"{{user}}","role":"authenticated"}', true),
                set_config('request.jwt.claim.sub', '{{user}}', true), set_config('role', 'authenticated', true);
            do $$
            declare
                batch json;
                answer json;
                started timestamptz;
            begin
                select json_build_object('table', 'public.artifacts', 'version', 'sync_seq', 'select', '["id","type","name","content","sync_seq"]'::json,
                    'groups', json_build_array(json_build_object('kind', '{{kind}}', 'columns', '{{columns}}'::json, 'changes', json_agg(json_build_object('op', gen_random_uuid(), {{change}})))))
                into batch from ({{source}}) as rows;
                started := clock_timestamp();
                answer := agent_sync.push(batch);
                perform set_config('benchmark.ms', (extract(epoch from clock_timestamp() - started) * 1000)::text, false);
                if (select count(*) from json_array_elements(answer -> 'outcomes') as o where o ->> 'status' = 'applied') <> {{PushedRows}} then
                    raise exception 'not every change was applied: %', left(answer::text, 300);
                end if;
            end $$;
            commit;
            select current_setting('benchmark.ms') as ms;
            """,
            Session);
        return double.Parse(rows[0].GetProperty("ms").GetString()!, CultureInfo.InvariantCulture);
    }

    private static string Switch(bool on) =>
        $"""
        do $$ declare found name; begin
            for found in select tgname from pg_trigger where tgrelid = 'artifacts'::regclass and tgname like '~agent%' loop
                execute format('alter table artifacts {(on ? "enable" : "disable")} trigger %I', found);
            end loop;
        end $$
        """;

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
