using System.Globalization;
using Agent.Sync.Sqlite;
using BackendHost;
using Microsoft.Data.Sqlite;

namespace Agent.Sync.Benchmarks.EndToEnd;

/// <summary>
/// The local backend, with the SQL kit and without: new rows, updates, deletes, and new rows of which three are refused, from an app's
/// own edits in SQLite to the last acknowledgement.
/// </summary>
internal static class PushRun
{
    /// <summary>Without the kit every update is a request of its own: so many say enough.</summary>
    private const int UpdateShareWithoutKit = 10;

    public static async Task RunAsync(int changes, int rounds, Func<string> newFile)
    {
        foreach (var kit in (bool[])[true, false])
        {
            await RunAsync(kit, changes, rounds, newFile);
        }
    }

    private static async Task RunAsync(bool kit, int changes, int rounds, Func<string> newFile)
    {
        await using var backend = await LocalBackendHost.StartAsync(new LocalBackendOptions { Kit = kit });
        var seed = new SeedOptions { Rows = 1 };
        var seeded = await backend.SeedAsync(seed);
        using var session = new SupabaseSession(new SupabaseSessionOptions { Url = backend.Url, ApiKey = backend.PublishableKey, AllowInsecureLoopback = true });
        await session.SignInAsync(seeded.Users[0].Email, seed.Password);
        using var connection = new PullConnection(backend.Url, pageSize: 1_000) { ApiKey = backend.PublishableKey, SqlKit = SqlKitMode.Detect, Token = session.GetAccessTokenAsync };
        var name = kit ? "with the kit" : "without the kit";
        var updates = kit ? changes : changes / UpdateShareWithoutKit;
        var measured = new List<Measurement>();
        var requests = new SortedDictionary<string, long>(StringComparer.Ordinal);
        for (var round = 0; round < rounds; round++)
        {
            var file = newFile();
            await connection.PullAsync(file);
            await EditAsync(file, Inserts(changes, poisoned: 0));
            await MeasureAsync($"{changes} inserts", file);
            await EditAsync(file, $"update artifacts set name = name || ' changed' where rowid in (select rowid from artifacts where name like 'New%' limit {updates})");
            await MeasureAsync($"{updates} updates", file);
            await EditAsync(file, $"delete from artifacts where rowid in (select rowid from artifacts where name like 'New%' limit {updates})");
            await MeasureAsync($"{updates} deletes", file);
            await EditAsync(file, Inserts(changes, poisoned: 3));
            await MeasureAsync($"{changes} inserts, 3 refused", file);
        }

        EndToEndCommand.Report(measured, name);
        foreach (var (what, count) in requests)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}, {what}: {count} requests"));
        }

        async Task MeasureAsync(string what, string file) => measured.Add(await Measurement.TakeAsync($"{name}: {what}", async () =>
        {
            var result = await PushAsync(connection, file);
            requests[what] = result.Datasets.Sum(static dataset => dataset.Requests);
            return result.Pushed + result.Rejected;
        }));
    }

    private static async Task<SyncResult> PushAsync(PullConnection connection, string file)
    {
        await using var store = new Sqlite.SqliteStore(file);
        await using var engine = connection.CreateEngine(store);
        return await engine.SyncAsync(new SyncRequest { Direction = SyncDirection.Push });
    }

    private static string Inserts(int count, int poisoned)
    {
        // PostgreSQL has no U+0000. All rows have the same columns, so that the bad ones travel with the others.
        var step = poisoned == 0 ? count + 1 : count / (poisoned + 1);
        return string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            with recursive n(i) as (select 1 union all select i + 1 from n where i < {{count}})
            insert into artifacts (id, type, name, content, metadata)
            select upper(substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-4' || substr(h, 14, 3) || '-8' || substr(h, 18, 3) || '-' || substr(h, 21, 12)),
                'report', 'New ' || i || case when i % {{step}} = 0 and i / {{step}} <= {{poisoned}} then char(0) else '' end,
                substr(replace(hex(zeroblob(500)), '0', 'words '), 1, 1000), '{"tags":["a","b"],"note":"plain"}'
            from (select i, hex(randomblob(16)) as h from n)
            """);
    }

    private static async Task EditAsync(string file, string sql)
    {
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // This benchmark's own statements.
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }
}
