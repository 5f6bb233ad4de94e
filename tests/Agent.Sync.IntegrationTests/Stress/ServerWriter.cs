using System.Globalization;
using Agent.Sync.IntegrationTests.Backends;
using Npgsql;

namespace Agent.Sync.IntegrationTests.Stress;

/// <summary>One session that writes as any back office does: transactions of several statements that stay open, some rolled back in part or whole.</summary>
internal sealed class ServerWriter(string connectionString, StressSettings settings, IReadOnlyList<TestUser> users, StressReport report, int number)
{
    private readonly Random _random = new((settings.Seed * 1_000) + number);

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
            catch (PostgresException exception) when (exception.SqlState is "40P01" or "40001")
            {
                Interlocked.Increment(ref report.Deadlocks);
            }

            await PauseAsync(TimeSpan.FromMilliseconds(30));
        }
    }

    private async Task WriteAsync(NpgsqlConnection connection)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        var statements = _random.Next(1, 5);

        // Most are short; now and then one sleeps as long as it may while others begin, write and commit past it.
        var isLong = _random.Next(6) == 0;
        var pause = isLong ? settings.LongestTransaction / statements : TimeSpan.FromMilliseconds(20);
        for (var i = 0; i < statements; i++)
        {
            await WriteOneAsync(connection, transaction, i);
            await PauseAsync(pause * 0.8);
        }

        if (_random.Next(5) == 0)
        {
            await transaction.RollbackAsync();
            Interlocked.Increment(ref report.Rollbacks);
            return;
        }

        await transaction.CommitAsync();
        Interlocked.Increment(ref report.Commits);
    }

    private async Task WriteOneAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, int number)
    {
        var inSavepoint = _random.Next(4) == 0;
        if (inSavepoint)
        {
            await transaction.SaveAsync($"s{number}");
        }

        await using (var command = new NpgsqlCommand(NextStatement(), connection, transaction))
        {
            try
            {
                await command.ExecuteNonQueryAsync();
            }
            catch (PostgresException exception) when (exception.SqlState == "23505" && inSavepoint)
            {
                // A key update met a key that is there.
            }
        }

        Interlocked.Increment(ref report.Writes);
        if (inSavepoint && _random.Next(2) == 0)
        {
            await transaction.RollbackAsync($"s{number}");
            Interlocked.Increment(ref report.Savepoints);
        }
    }

    private string NextStatement()
    {
        var owner = users[_random.Next(users.Count)].Id;
        var other = users[_random.Next(users.Count)].Id;
        var name = string.Create(CultureInfo.InvariantCulture, $"server {number}-{_random.Next()}");
        var some = $"(select id from public.artifacts where owner_id = '{owner}' and deleted_at is null order by md5(id::text || '{_random.Next()}') limit {_random.Next(1, 4)})";
        var statement = _random.Next(settings.Kit ? 10 : 7) switch
        {
            0 or 1 => $"insert into public.artifacts (type, name, size, owner_id) select 'note', '{name} ' || i, i, '{owner}' from generate_series(1, {_random.Next(1, 4)}) i",
            2 or 3 or 4 or 5 => $"update public.artifacts set name = '{name}', size = {_random.Next(1_000)} where id in {some}",
            6 => settings.Kit ? $"delete from public.artifacts where id in {some}" : $"update public.artifacts set deleted_at = now() where id in {some}",
            7 => $"update public.artifacts set owner_id = '{other}' where id in {some}",
            8 => $"update public.artifacts set id = gen_random_uuid(), name = '{name}' where id in {some}",
            _ => $"with gone as (delete from public.artifacts where id in {some} returning id, owner_id) "
                + $"select set_config('stress.gone', coalesce(string_agg(id::text || ' ' || owner_id::text, ','), ''), true) from gone; "
                + "insert into public.artifacts (id, type, name, owner_id) select split_part(pair, ' ', 1)::uuid, 'note', "
                + $"'{name} again', split_part(pair, ' ', 2)::uuid from unnest(string_to_array(nullif(current_setting('stress.gone'), ''), ',')) pair",
        };
        return statement;
    }

    /// <summary>Transactions are held open on a real server: that takes real time.</summary>
    private Task PauseAsync(TimeSpan longest) => Task.Delay(longest * _random.NextDouble(), CancellationToken.None);
}
