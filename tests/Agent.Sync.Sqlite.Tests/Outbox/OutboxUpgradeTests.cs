using Agent.Sync.Sqlite.Database;
using Agent.Sync.Stores;
using SQLitePCL;

namespace Agent.Sync.Sqlite.Tests.Outbox;

/// <summary>A file that version 4 of the bookkeeping left: each change in it goes on as what it was, and nothing of the app's is touched.</summary>
public sealed class OutboxUpgradeTests : OutboxTest
{
    private const string AppsSchema = "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema WHERE name NOT LIKE 'agent_sync_%' AND name NOT LIKE 'sqlite_%' ORDER BY rowid)";

    public OutboxUpgradeTests()
    {
        using var reader = new StreamReader(typeof(OutboxUpgradeTests).Assembly.GetManifestResourceStream("version-4.sql")!);
        Execute("PRAGMA journal_mode = WAL");
        Execute(reader.ReadToEnd());
    }

    private static Dataset Jobs { get; } = Dataset.Define("jobs")
        .Key("id", ColumnType.Integer).Column("title", ColumnType.Text).Column("slot", ColumnType.Text)
        .UpdatedAt("updated_at").Version("version").DeletedAt("deleted_at").Build();

    [Fact]
    public async Task List_OfAnEarlierFile_SaysWhatEachChangeWas()
    {
        var changes = await Store.ListChangesAsync(Jobs, state: null, after: 0, limit: 100, Token);

        Assert.Equal(
            [
                "1 Update InFlight ", "2 Update Quarantined 23514", "4 Update Waiting ", "5 Update InFlight ", "6 Delete InFlight ", "9 Update Waiting ", "11 Insert Waiting ",
            ],
            changes.Select(static change => $"{change.Id} {change.Kind} {change.State} {change.Code}"));
    }

    [Fact]
    public async Task Prepare_OfAnEarlierFile_MissesNoEdit()
    {
        var state = await Store.PrepareAsync(Jobs, Token);

        Assert.Equal((false, (long?)null, true), (state.HasUnrecordedChanges, state.Reread, state.HasRows));
    }

    [Fact]
    public async Task Take_OfAnEarlierFile_SendsWhatWasInFlightAsItWasSent()
    {
        await Store.PrepareAsync(Jobs, Token);

        var taken = await TakeAsync(Jobs);

        Assert.Equal(
            [
                """Update {"id":2} 1 {"title":"sent"}""", """Update {"id":1} 1 {"slot":"next"}""", """Update {"id":5} 1 {"title":"waits"}""", """Insert {"id":6} {"id":6,"title":"new"}""",
                """Delete {"id":4} 1""",
            ],
            taken.Select(static change => change.Text));
        Assert.Equal(
            [new Guid(Convert.FromHexString("AB2D2CD0C7E93E41A1C4244197C4C19D")), new Guid(Convert.FromHexString("0660172F86F8954E95E96221EDEAEABF"))],
            taken.Take(2).Select(static change => change.Operation));
    }

    [Fact]
    public async Task Settle_OfAnEarlierFile_SendsTheEditBehindNext()
    {
        await Store.PrepareAsync(Jobs, Token);
        var taken = await TakeAsync(Jobs);

        foreach (var change in taken)
        {
            await SettleAsync(Jobs, change.Id, SettlementKind.Acknowledge);
        }

        Assert.Equal(["""Update {"id":2} 1 {"title":"even later"}"""], await TakeTextsAsync(Jobs));
        Assert.Equal(1, await Store.RetryChangesAsync(Jobs, changes: null, Token));
        Assert.Equal(["""Update {"id":2} 1 {"title":"even later"}""", """Update {"id":3} 1 {"slot":"bad"}"""], (await TakeTextsAsync(Jobs)).Order());
    }

    [Fact]
    public async Task Edit_BeforeTheFirstRunOfAnUpgradedFile_IsRecordedUnderANewNumber()
    {
        await Store.CountChangesAsync(Jobs, Token);
        Execute("UPDATE jobs SET title = 'again' WHERE id = 3; INSERT INTO jobs (id, title) VALUES (7, 'seven')");
        await Store.PrepareAsync(Jobs, Token);

        Assert.Equal("15", Scalar("SELECT group_concat(id) FROM agent_sync_outbox_jobs WHERE k_id = 7 AND state = 0"));
        Assert.Contains("""Update {"id":3} 1 {"title":"again","slot":"bad"}""", await TakeTextsAsync(Jobs));
    }

    [Fact]
    public async Task Open_OfAnEarlierFile_RenamesItsOwnNamesAlone()
    {
        var before = Scalar(AppsSchema);

        await Store.PrepareAsync(Jobs, Token);

        Assert.Equal(before, Scalar(AppsSchema));
        Assert.Equal(0L, Scalar("SELECT count(*) FROM sqlite_schema WHERE name = 'agent_sync_outbox'"));
        Assert.Equal("jobs", Scalar("SELECT local_table FROM agent_sync_tables"));
        Assert.Equal(
            "state",
            Scalar("SELECT group_concat(name) FROM pragma_table_info('agent_sync_outbox_jobs') WHERE name IN ('slot', 'state')"));
        Assert.Equal(2L, Scalar("SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'agent_sync_outbox_jobs'"));
    }

    [Fact]
    public async Task Prepare_OfAnUpgradedFile_BringsItsTriggersUpToDateAndMissesNoEdit()
    {
        const string Triggers = "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name)";

        Assert.False((await Store.PrepareAsync(Jobs, Token)).HasUnrecordedChanges);

        var upgraded = Scalar(Triggers);
        Execute("DROP TRIGGER agent_sync_au_jobs");
        await Store.PrepareAsync(Jobs, Token);
        Assert.Equal(upgraded, Scalar(Triggers));
    }

    [Fact]
    public async Task Open_ThatIsInterrupted_LeavesTheEarlierFile()
    {
        const string Outbox = "SELECT group_concat(id || ':' || slot) FROM agent_sync_outbox_jobs";
        var before = Scalar(Outbox);
        using (var store = OpenStore(hook: static (_, sql) => sql.StartsWith("INSERT INTO sqlite_sequence", StringComparison.Ordinal) ? raw.SQLITE_FULL : 0))
        {
            await Assert.ThrowsAsync<SyncStoreException>(async () => await store.PrepareAsync(Jobs, Token));
        }

        Assert.Equal((before, 4L), (Scalar(Outbox), Scalar("SELECT value FROM agent_sync_meta WHERE name = 'schema_version'")));
        Assert.Equal(5, (await TakeAsync(Jobs)).Count);
    }
}
