using System.Globalization;
using BackendHost;

namespace Agent.Sync.Benchmarks.EndToEnd;

/// <summary>
/// What clients wait for where a table is large and has many users: the horizon, a page of a device that was away, of rows and of tombstones,
/// a write after prune has removed many tombstones, and a push of many small groups. Each on the server alone, the median of the wall clock
/// and the mean of the CPU, which a busy machine disturbs less.
/// </summary>
internal sealed class KitScaleRun(LocalBackendHost backend, int rows)
{
    private const string Session = "benchmark";
    private const string Snapshot = "snapshot";
    private const string User = "md5('user 7')::uuid";
    private const int LoadedAtOnce = 10_000;

    private const string SignIn =
        $$"""
        select set_config('request.jwt.claims', json_build_object('sub', {{User}}, 'role', 'authenticated')::text, false),
            set_config('request.jwt.claim.sub', {{User}}::text, false), set_config('role', 'authenticated', false)
        """;

    private const string Tools =
        """
        create schema benchmark;
        grant usage on schema benchmark to authenticated;
        create function benchmark.cpu() returns bigint language sql volatile security definer
            as $$ select split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::bigint $$;
        create procedure benchmark.run(statement text, times integer, inout wall double precision default null, inout cpu double precision default null)
        language plpgsql as $$
        declare
            started timestamptz;
            used bigint;
            walls double precision[] := '{}';
        begin
            execute statement;
            commit;
            used := benchmark.cpu();
            for round in 1..times loop
                started := clock_timestamp();
                execute statement;
                commit;
                walls := walls || extract(epoch from clock_timestamp() - started)::double precision * 1000;
            end loop;
            cpu := (benchmark.cpu() - used) / 1e6 / times;
            wall := (select percentile_cont(0.5) within group (order by w) from unnest(walls) as w);
        end $$;
        create function benchmark.batch(forms integer) returns json language sql volatile as $$
            select json_build_object('table', 'public.artifacts', 'version', 'sync_seq', 'select', '["id","name","sync_seq"]'::json, 'groups', json_agg(json_build_object(
                'kind', 'update', 'columns', (select json_agg(k) from json_object_keys(c.doc) as k),
                'changes', json_build_array(json_build_object('op', gen_random_uuid(), 'key', json_build_object('id', c.id), 'base', c.sync_seq::text, 'row', c.doc))) order by c.number))
            from (
                select r.id, r.sync_seq, r.number, (
                    select json_object_agg(v.name, v.value) from (values (1, 'name', to_json(random()::text)), (2, 'content', '"text"'), (4, 'metadata', '{}'), (8, 'size', '7'), (16, 'price', '1.5'),
                        (32, 'score', '2.5'), (64, 'is_public', 'true'), (128, 'type', '"report"'), (256, 'project_id', 'null')) as v (bit, name, value)
                    where (1 + r.number % forms) & v.bit <> 0) as doc
                from (select a.id, a.sync_seq, row_number() over (order by a.id) as number from public.artifacts as a where a.owner_id = auth.uid() limit 500) as r) as c
        $$;
        """;

    public static async Task RunAsync(int rows, int users)
    {
        await using var backend = await LocalBackendHost.StartAsync(new LocalBackendOptions());
        await backend.SqlAsync(Tools);
        await new KitScaleRun(backend, rows).MeasureAsync(users);
    }

    private async Task MeasureAsync(int users)
    {
        await WriteAsync(rows, $"insert into artifacts (owner_id, type, name, content) select md5('user ' || i % {users})::uuid, 'report', 'Row ' || i, repeat('words ', 20) from generate_series(1, {LoadedAtOnce}) as i");
        await backend.SqlAsync($"insert into artifacts (owner_id, type, name) select {User}, 'report', 'Mine ' || i from generate_series(1, 500) as i");
        await backend.SqlAsync(SignIn, Session);
        await TimeAsync("horizon of one table, not analyzed", Horizon("""["public.artifacts"]"""), 300);
        await backend.SqlAsync("analyze artifacts");
        await TimeAsync("horizon of one table", Horizon("""["public.artifacts"]"""), 300);
        await TimeAsync("horizon of two tables", Horizon("""["public.artifacts","public.projects"]"""), 300);

        var mark = (await backend.SqlAsync("select pg_snapshot_xmax(pg_current_snapshot())::text as mark"))[0].GetProperty("mark").GetString()!;
        await WriteAsync(rows * 26 / 100, $"update artifacts set name = name || '!' where id in (select id from artifacts where sync_seq < {mark} limit {LoadedAtOnce})");
        await DeleteAsync();
        await backend.SqlAsync("vacuum analyze artifacts");
        await backend.SqlAsync("vacuum analyze agent_sync.artifacts");
        await TimePagesAsync("with the kit's index alone", mark, 20);
        await backend.SqlAsync("create index on artifacts (owner_id, sync_seq, id); select agent_sync.enable('public.artifacts');");
        await TimePagesAsync("with (owner_id, sync_seq, id)", mark, 300);

        await TimeInsertsAsync("before prune");
        await PruneAsync();
        await TimeInsertsAsync("after prune");
        await TimeAsync("horizon after prune", Horizon("""["public.artifacts"]"""), 300);
        await DeleteAsync();
        await backend.SqlAsync("begin isolation level repeatable read; select count(*) from projects;", Snapshot);
        await PruneAsync();
        await TimeInsertsAsync("after prune, an old snapshot is open");
        await backend.SqlAsync("commit", Snapshot);

        foreach (var forms in (int[])[1, 2, 500])
        {
            await TimeAsync(string.Create(CultureInfo.InvariantCulture, $"push of 500 groups of one row, {forms} forms (the batch's making included)"), $"select agent_sync.push(benchmark.batch({forms}))", 9);
        }
    }

    private Task TimeInsertsAsync(string when) =>
        TimeAsync("insert of one row, " + when, $"insert into artifacts (owner_id, type, name) values ({User}, 'report', 'New')", 1_000);

    private async Task TimePagesAsync(string indexes, string mark, int times)
    {
        var page = $"where sync_seq >= {mark} and (sync_seq > {mark} or (sync_seq = {mark} and id > '{Guid.Empty}')) order by sync_seq, id limit 1000";
        await TimeAsync("page of rows " + indexes, $"select id, type, name, sync_seq from artifacts {page}", times);
        await TimeAsync("page of tombstones " + indexes, $"select id, sync_seq from agent_sync.artifacts {page}", times);
    }

    private async Task TimeAsync(string name, string statement, int times)
    {
        var measured = await backend.SqlAsync($"call benchmark.run($statement${statement}$statement$, {times})", Session);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {measured[0].GetProperty("wall").GetDouble():F2} ms, CPU {measured[0].GetProperty("cpu").GetDouble():F2} ms"));
    }

    private static string Horizon(string tables) => $$"""select agent_sync.horizon('{"tables":{{tables}}}')""";

    private Task DeleteAsync() => WriteAsync(rows * 3 / 10, $"delete from artifacts where id in (select id from artifacts where name not like 'Mine %' limit {LoadedAtOnce})");

    /// <summary>Announces and removes every tombstone; no vacuum takes the dead ones away.</summary>
    private async Task PruneAsync()
    {
        await backend.SqlAsync("alter table agent_sync.artifacts set (autovacuum_enabled = false); update agent_sync_private.tables set retention = '0', announced_at = null");
        await backend.SqlAsync("select * from agent_sync.prune()");
        await backend.SqlAsync("update agent_sync_private.tables set announced_at = announced_at - interval '13 hours'");
        await backend.SqlAsync("select * from agent_sync.prune()");
    }

    private async Task WriteAsync(int count, string sql)
    {
        for (var written = 0; written < count; written += LoadedAtOnce)
        {
            await backend.SqlAsync(sql);
        }
    }
}
