using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using Agent.Sync.IntegrationTests.Push;
using Microsoft.Data.Sqlite;

namespace Agent.Sync.IntegrationTests.Migrations;

/// <summary>A table of one test on the server, and a device whose app migrates its own copy.</summary>
internal sealed class MigrationScene : IAsyncDisposable
{
    public const int Rows = 8;

    private MigrationScene(Backend backend, Device device, string table, bool kit)
    {
        Backend = backend;
        Device = device;
        Table = table;
        Kit = kit;
    }

    public Backend Backend { get; }

    public Device Device { get; }

    /// <summary>Gets the table's name on both sides.</summary>
    public string Table { get; }

    public bool Kit { get; }

    /// <summary>Makes the server's table with eight rows and the app's own table without the column <c>note</c>, and pulls.</summary>
    /// <param name="backends">The backends.</param>
    /// <param name="kit">Whether the SQL kit is enabled for the table.</param>
    /// <param name="local">The columns of the app's table after <c>id</c>; null where the store makes the table.</param>
    /// <param name="rows">How many rows.</param>
    public static async Task<MigrationScene> StartAsync(BackendFixture backends, bool kit, string? local = "name TEXT, version INTEGER, updated_at TEXT", int rows = Rows)
    {
        var backend = await backends.GetExactAsync();
        var user = await backend.SignUpAsync();
        var table = $"m_{Guid.NewGuid():N}";
        await backend.SqlAsync(
            $"""
            create table public.{table} (
                id bigint primary key, name text, note text, owner_id uuid not null default auth.uid(),
                version bigint not null default 1, updated_at timestamptz not null default now());
            create or replace function public.migration_write() returns trigger language plpgsql set search_path = '' as $$
            begin
                new.updated_at := now();
                new.version := case tg_op when 'INSERT' then 1 else old.version + 1 end;
                return new;
            end $$;
            create trigger migration_write before insert or update on public.{table} for each row execute function public.migration_write();
            alter table public.{table} enable row level security;
            create policy own on public.{table} to authenticated using (owner_id = (select auth.uid())) with check (owner_id = (select auth.uid()));
            grant select, insert, update, delete on public.{table} to authenticated;
            {(kit ? $"select agent_sync.enable('public.{table}');" : string.Empty)}
            """);
        await backend.Host.RestartAsync(TestContext.Current.CancellationToken);
        await backend.WriteStampedAsync(
            $"insert into public.{table} (id, name, note, owner_id, updated_at) select i, 'name ' || i, 'note ' || i, '{user.Id}', now() - interval '1 hour' from generate_series(1, {rows}) as i");
        var device = new Device(backend, user, Dataset(table).Build()) { Configure = options => options.SqlKit = kit ? SqlKitMode.Require : SqlKitMode.Ignore };
        var scene = new MigrationScene(backend, device, table, kit);
        if (local is not null)
        {
            await scene.MigrateAsync($"CREATE TABLE {table} (id INTEGER NOT NULL PRIMARY KEY, {local})");
        }

        await scene.SyncAsync(SyncOutcome.Completed);
        return scene;
    }

    /// <summary>Declares the columns every test has, and those it adds.</summary>
    public static DatasetBuilder Dataset(string table, string name = "name", params string[] more)
    {
        var builder = Agent.Sync.Dataset.Define(table).Key("id", ColumnType.Integer).Column(name, ColumnType.Text);
        foreach (var column in more.Length == 0 ? ["note"] : more)
        {
            builder.Column(column, ColumnType.Text);
        }

        return builder.Version("version").UpdatedAt("updated_at");
    }

    public void Declare(string name = "name", params string[] more) => Device.Datasets = [Dataset(Table, name, more).Build()];

    public async Task<DatasetResult> SyncAsync(SyncOutcome? expected = null, SyncRequest? request = null)
    {
        var result = await Device.SyncAsync(request, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(expected ?? result.Outcome, result.Outcome);
        return result.Datasets[0];
    }

    /// <summary>Changes the server's table, and has the API read it again.</summary>
    public async Task ServerMigratesAsync(string sql)
    {
        await Backend.SqlAsync(sql);
        await Backend.Host.RestartAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Runs statements as the app's migration, or its user, does.</summary>
    public async Task MigrateAsync(string sql)
    {
        await using var connection = await LocalRows.OpenAsync(Device.DatabasePath);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The tests' own statements.
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Rebuilds the local table as migrations of EF Core do: create, insert-select, drop, rename, in one transaction.</summary>
    /// <param name="columns">The new table's columns after <c>id</c>.</param>
    /// <param name="kept">The columns whose values are taken along.</param>
    /// <param name="inside">What else happens in the transaction, before the end of it.</param>
    public Task RebuildAsync(string columns = "name TEXT, version INTEGER, updated_at TEXT", string kept = "name, version, updated_at", string inside = "") => MigrateAsync(
        $"""
        PRAGMA foreign_keys = 0;
        BEGIN;
        CREATE TABLE ef_temp_{Table} (id INTEGER NOT NULL CONSTRAINT PK_{Table} PRIMARY KEY, {columns});
        INSERT INTO ef_temp_{Table} (id, {kept}) SELECT id, {kept} FROM {Table};
        DROP TABLE {Table};
        ALTER TABLE ef_temp_{Table} RENAME TO {Table};
        {inside};
        COMMIT;
        """);

    public Task<IReadOnlyList<LocalChange>> ChangesAsync() => Device.ChangesAsync();

    /// <summary>Returns one column of every row on the server, in key order.</summary>
    public async Task<string> ServerAsync(string column) => Joined(await Backend.SqlAsync($"select coalesce({column}, '-') as v from public.{Table} order by id"));

    /// <summary>Returns one column of every local row, in key order.</summary>
    public async Task<string> LocalAsync(string column) =>
        (string)(await LocalRows.ScalarAsync(Device.DatabasePath, $"select coalesce(group_concat(coalesce({column}, '-'), ','), '') from (select {column} from {Table} order by id)"))!;

    /// <summary>Fails unless both sides hold the same, nothing waits, and the server has as many rows as it had.</summary>
    public async Task AssertSameAsync(int rows = Rows)
    {
        Assert.Empty(await ChangesAsync());
        await Device.AssertEqualToServerAsync();
        Assert.Equal(rows, await Device.CountAsync());
    }

    /// <summary>The values that a column had at first.</summary>
    public static string First(string column, int rows = Rows) => string.Join(',', Enumerable.Range(1, rows).Select(row => $"{column} {row}"));

    public async ValueTask DisposeAsync() => await Device.DisposeAsync();

    private static string Joined(IReadOnlyList<System.Text.Json.JsonElement> rows) => string.Join(',', rows.Select(static row => row.GetProperty("v").GetString()));
}
