using Agent.Sync.Sqlite.Database;

namespace Agent.Sync.Sqlite.Tests.Schema;

/// <summary>What the store says of its own file. Each fault is made in a file.</summary>
public sealed class FileDiagnosisTests : StoreTest
{
    [Fact]
    public async Task DiagnoseAsync_FileThatIsNotThere_IsNotMade()
    {
        var findings = await Store.DiagnoseAsync([Notes], Token);

        Assert.All(findings, static finding => Assert.Equal(FindingSeverity.Ok, finding.Severity));
        Assert.False(File.Exists(FilePath));
        Assert.Equal(0, await Store.CountParkedAsync(Notes, Token));
        Assert.Empty(await Store.ListParkedAsync(Notes, 0, 10, Token));
        Assert.False(File.Exists(FilePath));
    }

    [Fact]
    public async Task DiagnoseAsync_SyncedTable_IsInOrderAndLeftAsItIs()
    {
        await StartAsync(Notes, Note(1, "one"));
        var before = Scalar("SELECT group_concat(name || coalesce(sql, '')) FROM sqlite_schema");

        var findings = await Store.DiagnoseAsync([Notes], Token);

        Assert.Equal([FindingCodes.LocalTable, FindingCodes.LocalRules, FindingCodes.Recording, FindingCodes.Disk], findings.Select(static finding => finding.Code));
        Assert.All(findings, static finding => Assert.Equal(FindingSeverity.Ok, finding.Severity));
        Assert.Equal(before, Scalar("SELECT group_concat(name || coalesce(sql, '')) FROM sqlite_schema"));
    }

    [Theory]
    [InlineData("CREATE TABLE notes (id INTEGER PRIMARY KEY, body INTEGER, updated_at TEXT)", "'body'")]
    [InlineData("CREATE TABLE notes (id INTEGER, body TEXT, updated_at TEXT)", "no primary key")]
    [InlineData("CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT, updated_at TEXT, mine TEXT NOT NULL)", "'mine'")]
    [InlineData("CREATE VIEW notes AS SELECT 1 AS id, '' AS body, '' AS updated_at", "is a view")]
    public async Task DiagnoseAsync_TableThatDoesNotFit_IsAnErrorThatNamesWhatToChange(string sql, string expected)
    {
        await Store.PrepareAsync(SampleDatasets.Of("others").Build(), Token);
        Execute(sql);

        var finding = await FindAsync(FindingCodes.LocalTable, FindingSeverity.Error);

        Assert.Contains(expected, finding.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DiagnoseAsync_TableThatIsMissingAndNotToBeMade_IsAnError()
    {
        await Store.PrepareAsync(SampleDatasets.Of("others").Build(), Token);
        using var store = OpenStore(static options => options.CreateMissingTables = false);

        var findings = await store.DiagnoseAsync([Notes], Token);

        Assert.Contains(findings, static finding => finding is { Code: FindingCodes.LocalTable, Severity: FindingSeverity.Error });
        await FindAsync(FindingCodes.LocalTable, FindingSeverity.Ok);
    }

    [Fact]
    public async Task DiagnoseAsync_MissingColumn_IsAddedByTheNextSync()
    {
        await Store.PrepareAsync(SampleDatasets.Of("others").Build(), Token);
        Execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, updated_at TEXT)");

        Assert.Contains("adds body", (await FindAsync(FindingCodes.LocalTable, FindingSeverity.Ok)).What, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("body TEXT NOT NULL", "", "NOT NULL on body")]
    [InlineData("body TEXT UNIQUE", "", "UNIQUE on (body)")]
    [InlineData("body TEXT CHECK (length(body) < 9)", "", "CHECK")]
    [InlineData("body TEXT", "CREATE UNIQUE INDEX own ON notes (body)", "UNIQUE on (body)")]
    public async Task DiagnoseAsync_RulesOfTheApp_AreNamed(string body, string more, string expected)
    {
        Execute($"CREATE TABLE notes (id INTEGER PRIMARY KEY, {body}, updated_at TEXT NOT NULL); {more}");
        await StartAsync(Notes, Note(1, "one"));

        Assert.Contains(expected, (await FindAsync(FindingCodes.LocalRules, FindingSeverity.Unknown)).What, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AFTER INSERT ON notes BEGIN UPDATE notes SET body = upper(body) WHERE id = NEW.id; END", true)]
    [InlineData("AFTER UPDATE ON notes BEGIN INSERT OR REPLACE INTO \"notes\" SELECT 1, 'x', 'y'; END", true)]
    [InlineData("AFTER INSERT ON notes BEGIN INSERT INTO searched VALUES (NEW.body); END", false)]
    public async Task DiagnoseAsync_TriggersOfTheApp_AreAWarningWhereTheyWriteIntoTheTable(string trigger, bool writes)
    {
        await StartAsync(Notes, Note(1, "one"));
        Execute($"CREATE TABLE searched (body TEXT); CREATE TRIGGER my_own {trigger}");

        var finding = await FindAsync(FindingCodes.LocalRules, writes ? FindingSeverity.Warning : FindingSeverity.Ok);

        Assert.Equal(writes, finding.What.Contains("my_own", StringComparison.Ordinal));
    }

    [Fact]
    public async Task DiagnoseAsync_TriggersThatWereDropped_AreAWarning()
    {
        await StartAsync(Notes, Note(1, "one"));
        Execute("DROP TRIGGER agent_sync_ai_notes");

        await FindAsync(FindingCodes.Recording, FindingSeverity.Warning);
        await Store.PrepareAsync(Notes, Token);
        Assert.Contains("for a while", (await FindAsync(FindingCodes.Recording, FindingSeverity.Warning)).What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DiagnoseAsync_StoreThatRecordsNothing_SaysSo()
    {
        using var store = OpenStore(static options => options.RecordChanges = false);
        await store.PrepareAsync(Notes, Token);

        Assert.Contains(await store.DiagnoseAsync([Notes], Token), static finding => finding is { Code: FindingCodes.Recording, Severity: FindingSeverity.Ok } && finding.What.Contains("not recorded", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(31, FindingSeverity.Error)]
    [InlineData(255, FindingSeverity.Warning)]
    [InlineData(256, FindingSeverity.Ok)]
    public void Of_FreeSpace_SaysWhetherItIsEnough(long mebibytes, FindingSeverity severity) => Assert.Equal(severity, DiskSpace.Of(mebibytes * 1024 * 1024).Severity);

    private async Task<Finding> FindAsync(string code, FindingSeverity severity)
    {
        var finding = Assert.Single(await Store.DiagnoseAsync([Notes], Token), finding => finding.Code == code);
        Assert.Equal(severity, finding.Severity);
        return finding;
    }
}
