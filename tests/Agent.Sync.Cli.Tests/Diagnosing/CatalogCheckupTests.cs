using System.Text;
using Agent.Sync.Cli.Diagnosing;
using Agent.Sync.Cli.Discovery;

namespace Agent.Sync.Cli.Tests.Diagnosing;

/// <summary>What doctor reads from the catalog, on PostgreSQL: nothing of a table that is in order, and every fault that is made.</summary>
public sealed class CatalogCheckupTests(ConsoleBackend backend)
{
    private const string Healthy = """
        create table notes (
            id uuid primary key, name text, size integer, version bigint not null default 1, updated_at timestamptz not null default now(), deleted_at timestamptz);
        create index on notes (updated_at, id);
        create function stamp() returns trigger language plpgsql as $$ begin new.updated_at := now(); new.version := coalesce(old.version, 0) + 1; return new; end $$;
        create trigger stamp before insert or update on notes for each row execute function stamp();
        alter table notes enable row level security;
        create policy own on notes to authenticated using (id is not null) with check (true);
        grant usage on schema public to authenticated;
        grant select, insert, update, delete on notes to authenticated;
        """;

    private static readonly Dataset Notes = Dataset.Define("notes").Key("id", ColumnType.Uuid).Column("name", ColumnType.Text).Column("size", ColumnType.Integer)
        .Version("version").UpdatedAt("updated_at").DeletedAt("deleted_at");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_TableThatIsInOrder_FindsNothingAndKnowsEverything(bool kit)
    {
        var findings = await RunAsync(kit ? "select agent_sync.enable('public.notes')" : "select 1", kit);

        Assert.All(findings, static finding => Assert.Equal((FindingSeverity.Ok, finding.What), (finding.Severity, finding.What)));
        string[] codes = [FindingCodes.Columns, FindingCodes.Types, FindingCodes.Key, FindingCodes.Stamps, FindingCodes.Index, FindingCodes.Policies, FindingCodes.Grants];
        Assert.Equal(kit ? [.. codes, FindingCodes.SqlKit] : codes, findings.Select(static finding => finding.Code));
    }

    [Theory]
    [InlineData("drop table notes", FindingCodes.Table, FindingSeverity.Error, "no table public.notes")]
    [InlineData("drop table notes; create view notes as select 1 as id", FindingCodes.Table, FindingSeverity.Unknown, "no table of its own")]
    [InlineData("alter table notes drop column name, drop column size", FindingCodes.Columns, FindingSeverity.Error, "lacks name, size")]
    [InlineData("alter table notes alter column size type text", FindingCodes.Types, FindingSeverity.Error, "size is text, not Integer")]
    [InlineData("alter table notes alter column size type numeric", FindingCodes.Types, FindingSeverity.Error, "size is numeric, not Integer")]
    [InlineData("alter table notes drop constraint notes_pkey", FindingCodes.Key, FindingSeverity.Error, "No unique index is over (id)")]
    [InlineData("alter table notes drop constraint notes_pkey, add primary key (id, version)", FindingCodes.Key, FindingSeverity.Error, "No unique index is over (id)")]
    [InlineData("drop trigger stamp on notes", FindingCodes.Stamps, FindingSeverity.Error, "No trigger moves updated_at")]
    [InlineData("alter table notes disable trigger stamp", FindingCodes.Stamps, FindingSeverity.Error, "No trigger raises version")]
    [InlineData("drop index notes_updated_at_id_idx", FindingCodes.Index, FindingSeverity.Warning, "No index on (updated_at, id)")]
    [InlineData("alter table notes alter column updated_at drop not null", FindingCodes.EmptyTimestamps, FindingSeverity.Warning, "may be null")]
    [InlineData("alter table notes disable row level security", FindingCodes.Policies, FindingSeverity.Warning, "is off")]
    [InlineData("drop policy own on notes", FindingCodes.Policies, FindingSeverity.Error, "nobody sees a row")]
    [InlineData("drop policy own on notes; create policy r on notes for select to service_role using (true)", FindingCodes.Policies, FindingSeverity.Error, "nobody sees a row")]
    [InlineData("drop policy own on notes; create policy r on notes for select using (true); create policy a on notes for insert to authenticated with check (true)", FindingCodes.Policies, FindingSeverity.Warning, "update or delete")]
    [InlineData("drop policy own on notes; create policy own on notes to authenticated using (deleted_at is null)", FindingCodes.Policies, FindingSeverity.Warning, "deleted_at: own")]
    [InlineData("revoke insert, delete on notes from authenticated", FindingCodes.Grants, FindingSeverity.Warning, "may not insert, delete")]
    [InlineData("revoke all on notes from authenticated", FindingCodes.Grants, FindingSeverity.Error, "may not select")]
    [InlineData("revoke usage on schema public from public, authenticated", FindingCodes.Grants, FindingSeverity.Error, "schema public")]
    public async Task Run_FaultInTheCatalog_IsFound(string fault, string code, FindingSeverity severity, string what)
    {
        var findings = await RunAsync(fault, kit: false);

        var finding = findings.First(finding => finding.Severity != FindingSeverity.Ok && finding.What.Contains(what, StringComparison.Ordinal));
        Assert.Equal((code, severity, "notes"), (finding.Code, finding.Severity, finding.Dataset));
        Assert.Equal(severity >= FindingSeverity.Warning, finding.Why is not null);
    }

    [Theory]
    [InlineData("revoke insert, delete on notes from authenticated")]
    [InlineData("revoke all on notes from authenticated")]
    [InlineData("revoke usage on schema public from public, authenticated")]
    [InlineData("drop index notes_updated_at_id_idx")]
    [InlineData("alter table notes alter column updated_at drop not null")]
    [InlineData("alter table notes drop constraint notes_pkey; alter table notes alter column id set not null")]
    public async Task Mend_OfAFault_MendsIt(string fault)
    {
        var database = await MakeAsync(fault, kit: false);
        var finding = Assert.Single(await LookAsync(database, kit: false), static finding => finding.Severity >= FindingSeverity.Warning);
        var mend = finding.Mend!;

        await ConsoleBackend.RunAsync(database, mend[(mend.IndexOf("or: ", StringComparison.Ordinal) is var at and >= 0 ? at + 4 : 0)..]);

        Assert.DoesNotContain(await LookAsync(database, kit: false), static found => found.Severity != FindingSeverity.Ok);
    }

    [Theory]
    [InlineData("by default", "count to the same numbers")]
    [InlineData("always", "428C9")]
    public async Task Run_KeyThatTheServerCounts_IsAWarning(string identity, string why)
    {
        Dataset counted = Dataset.Define("counted").Key("id", ColumnType.Integer).UpdatedAt("updated_at");
        var database = await MakeAsync($"create table counted (id bigint generated {identity} as identity primary key, updated_at timestamptz not null)", kit: false);

        var finding = (await LookAsync(database, kit: false, counted)).Single(static finding => finding.Code == FindingCodes.Key);

        Assert.Equal(FindingSeverity.Warning, finding.Severity);
        Assert.Contains(why, finding.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WhatTheKitsCheckSays_IsAWarning()
    {
        var findings = await RunAsync("select agent_sync.enable('public.notes'); alter table notes disable trigger \"~agent_sync_stamp\"", kit: true);

        Assert.Contains("trigger is missing or not ENABLE ALWAYS", findings.Single(static finding => finding.Severity != FindingSeverity.Ok).What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CompareAsync_LocalTableThatIsStricter_NamesTheRules()
    {
        var database = await MakeAsync("select 1", kit: false);
        var folder = Directory.CreateTempSubdirectory("agent-sync-doctor-");
        var file = Path.Combine(folder.FullName, "rows.db");
        await using (Microsoft.Data.Sqlite.SqliteConnection connection = new($"Data Source={file};Pooling=False"))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = "create table notes (id text primary key not null, name text unique, size integer not null, version integer not null, updated_at text not null, deleted_at text, mine text not null default '')";
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        var catalog = await Catalog.ReadAsync(database, ["public"], TestContext.Current.CancellationToken);
        var facts = await TableFacts.ReadAsync(database, [Notes], hasKit: false, TestContext.Current.CancellationToken);
        var before = await LocalRules.CompareAsync(file, Notes, catalog.Tables.Single(), facts[Notes], TestContext.Current.CancellationToken);
        await ConsoleBackend.RunAsync(database, "alter table notes alter column size set not null; create unique index on notes (name)");
        catalog = await Catalog.ReadAsync(database, ["public"], TestContext.Current.CancellationToken);
        facts = await TableFacts.ReadAsync(database, [Notes], hasKit: false, TestContext.Current.CancellationToken);
        var after = await LocalRules.CompareAsync(file, Notes, catalog.Tables.Single(), facts[Notes], TestContext.Current.CancellationToken);
        folder.Delete(recursive: true);

        Assert.Equal("The local table is stricter than the server: NOT NULL on size; UNIQUE on (name).", before!.What);
        Assert.Equal(FindingSeverity.Ok, after!.Severity);
        Assert.Null(await LocalRules.CompareAsync(file, Notes, catalog.Tables.Single(), facts[Notes], TestContext.Current.CancellationToken));
    }

    private static async Task<List<Finding>> LookAsync(string database, bool kit, Dataset? dataset = null)
    {
        dataset ??= Notes;
        var catalog = await Catalog.ReadAsync(database, ["public"], TestContext.Current.CancellationToken);
        Assert.Equal(kit, catalog.HasKit);
        var facts = await TableFacts.ReadAsync(database, [dataset], catalog.HasKit, TestContext.Current.CancellationToken);
        return [.. new CatalogCheckup(dataset, catalog, facts[dataset]).Run()];
    }

    private async Task<List<Finding>> RunAsync(string change, bool kit) => await LookAsync(await MakeAsync(change, kit), kit);

    private async Task<string> MakeAsync(string change, bool kit)
    {
        var database = await backend.CreateDatabaseAsync();
        if (kit)
        {
            using MemoryStream migration = new();
            await SqlKit.CopyToAsync(migration, TestContext.Current.CancellationToken);
            await ConsoleBackend.RunAsync(database, Encoding.UTF8.GetString(migration.ToArray()));
        }

        await ConsoleBackend.RunAsync(database, Healthy);
        await ConsoleBackend.RunAsync(database, change);
        return database;
    }
}
