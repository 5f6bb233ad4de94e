using System.Collections.Concurrent;
using System.Globalization;
using Agent.Sync.IntegrationTests.Backends;
using Npgsql;

namespace Agent.Sync.IntegrationTests.Stress;

/// <summary>One session that writes in every way that PostgreSQL knows, in transactions that end in every way.</summary>
internal sealed class FuzzWriter(string connectionString, IReadOnlyList<TestUser> users, ConcurrentDictionary<string, int> counts, int seed)
{
    // The server takes four prepared transactions.
    private static readonly SemaphoreSlim Prepared = new(3);

    private readonly Random _random = new(seed);
    private int _transactions;

    public async Task RunAsync(CancellationToken stop)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(CancellationToken.None);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await WriteAsync(connection);
            }
            catch (PostgresException exception)
            {
                // Deadlocks, keys that are there, parents that are gone: what was written is not there.
                Count(exception.SqlState);
                await ExecuteAsync(connection, "rollback");
            }

            await Task.Delay(_random.Next(20), CancellationToken.None);
        }
    }

    private async Task WriteAsync(NpgsqlConnection connection)
    {
        await ExecuteAsync(connection, "begin");
        var pause = _random.Next(8) == 0 ? 300 : 10;
        for (var count = _random.Next(1, 5); count > 0; count--)
        {
            var inSavepoint = _random.Next(3) == 0;
            await ExecuteAsync(connection, inSavepoint ? "savepoint s" : "select 1");
            var (name, sql) = Next();
            await ExecuteAsync(connection, sql);
            Count(name);
            if (inSavepoint)
            {
                await ExecuteAsync(connection, _random.Next(2) == 0 ? "rollback to savepoint s" : "release savepoint s");
            }

            // Others begin, write and commit meanwhile: that takes real time.
            await Task.Delay(_random.Next(pause), CancellationToken.None);
        }

        await EndAsync(connection);
    }

    private async Task EndAsync(NpgsqlConnection connection)
    {
        var choice = _random.Next(10);
        if (choice < 2 && Prepared.Wait(0))
        {
            try
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"fuzz-{seed}-{++_transactions}");
                await ExecuteAsync(connection, $"prepare transaction '{name}'");
                await Task.Delay(_random.Next(300), CancellationToken.None);
                await ExecuteAsync(connection, choice == 0 ? $"commit prepared '{name}'" : $"rollback prepared '{name}'");
                Count(choice == 0 ? "commit prepared" : "rollback prepared");
            }
            finally
            {
                Prepared.Release();
            }

            return;
        }

        await ExecuteAsync(connection, choice < 4 ? "rollback" : "commit");
        Count(choice < 4 ? "rollback" : "commit");
    }

    private (string Name, string Sql) Next()
    {
        var table = "public." + (_random.Next(2) == 0 ? FuzzTables.Plain : FuzzTables.Partitioned);
        var owner = users[_random.Next(users.Count)].Id;
        var kind = Kind();
        var label = string.Create(CultureInfo.InvariantCulture, $"{seed}-{_random.Next()}");
        var some = $"(id, kind) in (select id, kind from {table} order by md5(id::text || '{_random.Next()}') limit {_random.Next(1, 4)})";
        var parent = $"(select id from public.fuzz_parents order by md5(id::text || '{_random.Next()}') limit {_random.Next(2)})";
        return _random.Next(14) switch
        {
            0 or 1 => ("insert", $"insert into {table} (kind, parent_id, owner_id, label) select '{kind}', {parent}, '{owner}', '{label}' from generate_series(1, {_random.Next(1, 6)})"),
            2 => ("parent", $"insert into public.fuzz_parents (owner_id, label) values ('{owner}', '{label}')"),
            3 or 4 => ("update", $"update {table} set label = '{label}' where {some}"),
            5 => ("upsert", $"insert into {table} (id, kind, owner_id, label) select id, kind, owner_id, label from {table} where {some} union all select gen_random_uuid(), '{kind}', '{owner}', '{label}' on conflict (id, kind) do update set label = '{label}'"),
            6 => ("merge", $"merge into {table} as t using (select id, kind from {table} where {some} union all select gen_random_uuid(), '{kind}') as v on t.id = v.id and t.kind = v.kind "
                + $"when matched and md5(t.id::text) < '8' then update set label = '{label}' when matched then delete when not matched then insert (id, kind, owner_id, label) values (v.id, v.kind, '{owner}', '{label}')"),
            7 => ("key move", $"update {table} set id = gen_random_uuid() where {some}"),
            8 => ("partition move", $"update {table} set kind = '{kind}' where {some}"),
            9 => ("owner change", $"update {table} set owner_id = '{owner}' where {some}"),
            10 => ("delete", $"delete from {table} where {some}"),
            11 => ("cascade", "delete from public.fuzz_parents where id = " + parent.Replace("limit 0", "limit 1", StringComparison.Ordinal)),
            12 => ("delete and insert", $"create temp table if not exists gone (like {table}) on commit delete rows; with g as (delete from {table} where {some} returning *) "
                + $"insert into gone select id, kind, parent_id, owner_id, label, now() from g; insert into {table} (id, kind, owner_id, label) select id, kind, owner_id, '{label}' from gone; delete from gone"),
            _ => ("inner block", $"do $$ begin begin update {table} set label = '{label}' where {some}; raise exception 'back'; exception when others then null; end; "
                + $"begin delete from {table} where {some}; exception when others then null; end; update {table} set label = '{label}', kind = '{kind}' where {some}; end $$"),
        };
    }

    private string Kind() => _random.Next(3) switch { 0 => "a", 1 => "b", _ => "c" };

    private void Count(string name) => counts.AddOrUpdate(name, 1, static (_, count) => count + 1);

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
#pragma warning disable CA2100 // This test's own statements.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }
}
