using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Looking;

/// <summary>A diagnosis of tables on PostgreSQL, by a user without further rights. Every request is checked against docs/openapi.json.</summary>
public sealed class LiveDiagnosisTests(BackendFixture backends)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SqlKitMode.Detect)]
    [InlineData(SqlKitMode.Ignore)]
    public async Task DiagnoseAsync_SampleTables_HaveNothingToMendBeforeAndAfterASync(SqlKitMode kit)
    {
        var user = await backends.Main.SignUpWithRowsAsync(30, new BackendHost.SeedOptions { Projects = 3 });
        await using var device = new Device(backends.Main, user, Datasets.Projects, Datasets.Artifacts) { Configure = options => options.SqlKit = kit };

        var before = await DiagnoseAsync(device);
        Assert.False(File.Exists(device.DatabasePath));
        await device.SyncAsync(cancellationToken: Token);
        var after = await DiagnoseAsync(device);

        // Another test's transaction may hold the horizon back.
        Assert.DoesNotContain(before.Findings.Concat(after.Findings), static finding => finding is { Severity: >= FindingSeverity.Warning, Code: not FindingCodes.Horizon });
        Assert.Contains(after.Findings, finding => finding.Code == FindingCodes.SqlKit == (kit == SqlKitMode.Detect));
        Assert.Equal(kit == SqlKitMode.Ignore, after.Findings.Any(static finding => finding.Code == FindingCodes.EmptyTimestamps));
    }

    [Fact]
    public async Task DiagnoseAsync_ServerThatDoesNotKnowTheKey_IsAnError()
    {
        var user = await backends.Main.SignUpAsync();
        await using var device = new Device(backends.Main, user) { Configure = static options => options.ApiKey = "sb_publishable_of_another_project" };

        var error = Assert.Single((await DiagnoseAsync(device)).Findings, static finding => finding.Severity == FindingSeverity.Error);

        Assert.True(error.Code is FindingCodes.ApiKey or FindingCodes.Session, error.ToString());
    }

    [Fact]
    public async Task DiagnoseAsync_TokenThatIsOver_IsAnErrorOfTheSession()
    {
        var user = await backends.Main.SignUpAsync();
        await using var device = new Device(backends.Main, user);
        device.Requests.Token = TokenMint.Mint(backends.Main, user.Id, TimeProvider.System.GetUtcNow().AddHours(-1));

        await AssertErrorAsync(device, FindingCodes.Session, "no session");
    }

    [Fact]
    public async Task DiagnoseAsync_TableThatIsNotThere_IsAnErrorOfTheTable()
    {
        var user = await backends.Main.SignUpAsync();
        await using var device = new Device(backends.Main, user, Dataset.Define("nowhere").Key("id", ColumnType.Uuid).UpdatedAt("updated_at"));

        await AssertErrorAsync(device, FindingCodes.Table, "no table public.nowhere");
    }

    [Fact]
    public async Task DiagnoseAsync_SchemaThatIsNotExposed_IsAnErrorOfTheTable()
    {
        var user = await backends.Main.SignUpAsync();
        await using var device = new Device(backends.Main, user, Dataset.Define("tables").InSchema("agent_sync_private").Key("id", ColumnType.Uuid).UpdatedAt("updated_at"));

        await AssertErrorAsync(device, FindingCodes.Table, "agent_sync_private");
    }

    [Fact]
    public async Task DiagnoseAsync_ColumnsThatAreNotThere_AreAllNamed()
    {
        var user = await backends.Main.SignUpWithRowsAsync(2);
        await using var device = new Device(backends.Main, user, Datasets.Narrow().Column("colour", ColumnType.Text).Column("weight", ColumnType.Integer).Build());

        await AssertErrorAsync(device, FindingCodes.Columns, "colour, weight");
    }

    [Fact]
    public async Task DiagnoseAsync_ColumnOfAnotherType_IsNamed()
    {
        var user = await backends.Main.SignUpWithRowsAsync(2);
        await using var device = new Device(backends.Main, user, Datasets.Narrow().Column("content", ColumnType.Integer).Build());

        Assert.Contains("'content'", (await AssertErrorAsync(device, FindingCodes.Types, "another type")).Mend, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DiagnoseAsync_TimestampWithoutZone_HasTheStatementThatMendsIt()
    {
        var user = await backends.Main.SignUpAsync();
        await backends.Main.SqlAsync($"insert into public.zoneless (id, owner_id) values (778899, '{user.Id}')");
        await using var device = new Device(backends.Main, user, Dataset.Define("zoneless").Key("id", ColumnType.Integer).UpdatedAt("updated_at"));

        Assert.Contains("type timestamptz", (await AssertErrorAsync(device, FindingCodes.Types, "another type")).Mend, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DiagnoseAsync_NoGrant_HasTheGrant()
    {
        var user = await backends.Main.SignUpAsync();
        await using var device = new Device(backends.Main, user, Datasets.Locked);

        Assert.Contains("GRANT SELECT ON \"public\".\"locked\" TO authenticated;", (await AssertErrorAsync(device, FindingCodes.Grants, "may not read")).Mend, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DiagnoseAsync_RowsWithoutAndWithLateTimestamps_AreFound()
    {
        var user = await backends.Main.SignUpAsync();
        await backends.Main.SqlAsync($"insert into public.undated (id, owner_id, updated_at) values (1, '{user.Id}', now()), (2, '{user.Id}', null), (3, '{user.Id}', now() + interval '1 year')");
        await using var device = new Device(backends.Main, user, Datasets.Undated);

        var diagnosis = await DiagnoseAsync(device);

        Assert.Equal(FindingSeverity.Error, SeverityOf(diagnosis, FindingCodes.EmptyTimestamps));
        Assert.Equal(FindingSeverity.Warning, SeverityOf(diagnosis, FindingCodes.FutureTimestamps));
    }

    [Fact]
    public async Task DiagnoseAsync_RowsThatThePolicyHides_AreNotKnownToBeThere()
    {
        var user = await backends.Main.SignUpAsync();
        await backends.Main.SqlAsync($"insert into public.shared_notes (owner_id, note) values ('{user.Id}', 'hidden')");
        await using var device = new Device(backends.Main, user, Datasets.SharedNotes);

        Assert.Equal(FindingSeverity.Unknown, SeverityOf(await DiagnoseAsync(device), FindingCodes.VisibleRows));
        await backends.Main.SqlAsync($"insert into public.members values ('{user.Id}')");
        Assert.Equal(FindingSeverity.Ok, SeverityOf(await DiagnoseAsync(device), FindingCodes.VisibleRows));
    }

    [Fact]
    public async Task DiagnoseAsync_ServerThatCutsPages_SaysWhere()
    {
        var small = await backends.GetSmallAsync();
        var user = await small.SignUpWithRowsAsync(50);
        await using var device = new Device(small, user) { Configure = static options => options.PageSize = 100 };

        var finding = (await DiagnoseAsync(device)).Findings.Single(static finding => finding.Code == FindingCodes.RowCap);

        Assert.Equal(FindingSeverity.Warning, finding.Severity);
        Assert.Contains($"{BackendFixture.SmallMaxRows} rows at most", finding.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DiagnoseAsync_BackendWithoutTheKitThatIsRequired_SaysHowToEnableIt()
    {
        var plain = await backends.GetWithoutKitAsync();
        var user = await plain.SignUpWithRowsAsync(2);
        await using var device = new Device(plain, user) { Configure = static options => options.SqlKit = SqlKitMode.Require };

        Assert.Contains("agent_sync.enable('public.artifacts')", (await AssertErrorAsync(device, FindingCodes.SqlKit, "not enabled")).Mend, StringComparison.Ordinal);
    }

    private static async Task<Diagnosis> DiagnoseAsync(Device device)
    {
        await using var open = device.Open();
        return await open.Engine.DiagnoseAsync(cancellationToken: Token);
    }

    private static FindingSeverity SeverityOf(Diagnosis diagnosis, string code) => Assert.Single(diagnosis.Findings, finding => finding.Code == code).Severity;

    private static async Task<Finding> AssertErrorAsync(Device device, string code, string what)
    {
        var error = Assert.Single((await DiagnoseAsync(device)).Findings, static finding => finding.Severity == FindingSeverity.Error);
        Assert.Equal(code, error.Code);
        Assert.Contains(what, error.What, StringComparison.Ordinal);
        return error;
    }
}
