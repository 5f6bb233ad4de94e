using System.Globalization;
using System.Net;
using Agent.Sync.Testing;
using Agent.Sync.Tests.Engine;

namespace Agent.Sync.Tests.Doctor;

/// <summary>What a diagnosis says of the server. Each fault is made, and a set-up without faults has none.</summary>
public sealed class DiagnosisTests
{
    private static readonly Dataset Notes = Dataset.Define("notes").Key("id", ColumnType.Uuid).Column("name", ColumnType.Text).Column("size", ColumnType.Integer).Version("version").UpdatedAt("updated_at");

    private const string Horizon =
        """
        {"kit":2,"server_time":"2026-03-01T12:00:00+00:00","horizon":"1000","next":"1000","oldest_writer_since":null,
        "tables":{"public.notes":{"epoch":"e","min_retained":"0","tombstones":"notes","key":["id"]}}}
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task DiagnoseAsync_HealthySetup_FindsNothingToMend(bool kit)
    {
        using var harness = new TwoWayHarness(kit, Notes);
        Fill(harness, 3);
        await harness.SyncAsync();

        var diagnosis = await harness.Engine.DiagnoseAsync(cancellationToken: Token);

        Assert.DoesNotContain(diagnosis.Findings, static finding => finding.Severity >= FindingSeverity.Warning);
        Assert.True(diagnosis.Severity <= FindingSeverity.Unknown);
        Assert.Contains(diagnosis.Findings, static finding => finding is { Code: FindingCodes.Server, Severity: FindingSeverity.Ok });
        Assert.Equal(kit, diagnosis.Findings.Any(static finding => finding.Code == FindingCodes.Horizon));
        Assert.All(diagnosis.Findings, static finding => Assert.EndsWith(".", finding.What, StringComparison.Ordinal));
    }

    [Fact]
    public async Task DiagnoseAsync_AnyServer_SendsNothingThatWrites()
    {
        using var harness = new TwoWayHarness(kit: true, Notes);
        Fill(harness, 3);

        await harness.Engine.DiagnoseAsync(cancellationToken: Token);

        Assert.All(harness.Server.Requests, static request => Assert.True(request.Method == "GET" || request.Path.EndsWith("rpc/horizon", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task DiagnoseAsync_ServerOutOfReach_IsOneFindingAndTheLocalSideIsLookedAtAllTheSame()
    {
        using var harness = new TwoWayHarness(kit: false, Notes, SampleDatasets.Of("others"));
        harness.Server.Responder = static _ => ScriptedResponse.Broken(ResponseFault.ConnectionRefused);

        var diagnosis = await harness.Engine.DiagnoseAsync(cancellationToken: Token);

        Assert.Equal(FindingCodes.Server, Assert.Single(diagnosis.Findings, static finding => finding.Severity == FindingSeverity.Error).Code);
        Assert.Contains(diagnosis.Findings, static finding => finding is { Code: FindingCodes.Checkpoint, Dataset: "others", Severity: FindingSeverity.Ok });
        Assert.Equal(1, harness.Server.RequestCount);
    }

    [Theory]
    [InlineData(HttpStatusCode.Redirect, null, "text/html", FindingCodes.Server)]
    [InlineData(HttpStatusCode.OK, null, "text/html", FindingCodes.Server)]
    [InlineData(HttpStatusCode.NotFound, null, "text/html", FindingCodes.Server)]
    [InlineData(HttpStatusCode.BadGateway, null, "text/html", FindingCodes.Server)]
    [InlineData(HttpStatusCode.TooManyRequests, null, "text/html", FindingCodes.Server)]
    [InlineData(HttpStatusCode.ServiceUnavailable, "PGRST002", null, FindingCodes.Server)]
    [InlineData(HttpStatusCode.Unauthorized, null, "application/json", FindingCodes.ApiKey)]
    [InlineData(HttpStatusCode.Unauthorized, "PGRST301", null, FindingCodes.Session)]
    [InlineData(HttpStatusCode.Unauthorized, "PGRST303", null, FindingCodes.Session)]
    [InlineData(HttpStatusCode.Unauthorized, "22023", null, FindingCodes.Session)]
    [InlineData(HttpStatusCode.InternalServerError, "57014", null, FindingCodes.Index)]
    [InlineData(HttpStatusCode.InternalServerError, "42P17", null, FindingCodes.Table)]
    [InlineData(HttpStatusCode.NotAcceptable, "PGRST106", null, FindingCodes.Table)]
    public async Task DiagnoseAsync_Refusal_IsAnErrorOfItsCheck(HttpStatusCode status, string? code, string? type, string expected)
    {
        using var harness = new TwoWayHarness(kit: false, Notes);
        var answer = ScriptedResponse.Error(status, code);
        harness.Server.Responder = _ => type is null ? answer : answer with { ContentType = type, Body = "{}"u8.ToArray() };

        var diagnosis = await harness.Engine.DiagnoseAsync(cancellationToken: Token);

        var error = Assert.Single(diagnosis.Findings, static finding => finding.Severity == FindingSeverity.Error);
        Assert.Equal(expected, error.Code);
        Assert.NotNull(error.Why);
        Assert.NotNull(error.Mend);
    }

    [Fact]
    public async Task DiagnoseAsync_NobodySignedIn_IsAnErrorOfTheSession()
    {
        using var harness = new TwoWayHarness(kit: false, Notes);
        harness.Options.AccessTokenProvider = static (_, _) => ValueTask.FromResult<AccessToken?>(null);

        await AssertFindsAsync(harness, FindingCodes.Session, FindingSeverity.Error, "no session");
        Assert.Equal(0, harness.Server.RequestCount);
    }

    [Fact]
    public async Task DiagnoseAsync_TokenThatExpiredAndCanBeRefreshed_IsInOrder()
    {
        using var harness = new TwoWayHarness(kit: false, Notes);
        Fill(harness, 1);
        harness.Options.AccessTokenProvider = (refused, _) => ValueTask.FromResult<AccessToken?>(new AccessToken(
            harness.Server.CreateToken("user", expires: refused is null ? harness.Server.ServerTime.AddHours(-1) : null)));

        await AssertFindsAsync(harness, FindingCodes.Session, FindingSeverity.Ok, "accepts the token");
    }

    [Fact]
    public async Task DiagnoseAsync_TableThatIsMissing_LeavesTheOthersToBeLookedAt()
    {
        using var harness = new TwoWayHarness(kit: false, Notes, SampleDatasets.Of("others"));
        harness.Server.DropTable(harness.Tables[0]);
        harness.Tables[1].Insert("""{"id":1}""");

        var diagnosis = await harness.Engine.DiagnoseAsync(cancellationToken: Token);

        Assert.Equal(("notes", FindingCodes.Table), Assert.Single(diagnosis.Findings, static finding => finding.Severity == FindingSeverity.Error) is var error ? (error.Dataset, error.Code) : default);
        Assert.Contains(diagnosis.Findings, static finding => finding is { Code: FindingCodes.Table, Dataset: "others", Severity: FindingSeverity.Ok });
    }

    [Fact]
    public async Task DiagnoseAsync_OneDataset_LooksAtNoOther()
    {
        using var harness = new TwoWayHarness(kit: false, Notes, SampleDatasets.Of("others"));
        harness.Server.DropTable(harness.Tables[1]);

        var diagnosis = await harness.Engine.DiagnoseAsync(["notes"], Token);

        Assert.DoesNotContain(diagnosis.Findings, static finding => finding.Dataset == "others");
    }

    [Fact]
    public async Task DiagnoseAsync_SeveralMissingColumns_NamesAllOfThem()
    {
        using var harness = new TwoWayHarness(kit: false, Notes);
        harness.Tables[0].DropColumn("name");
        harness.Tables[0].DropColumn("size");

        await AssertFindsAsync(harness, FindingCodes.Columns, FindingSeverity.Error, "lacks the columns name, size.");
    }

    [Fact]
    public async Task DiagnoseAsync_ColumnOfAnotherType_NamesIt()
    {
        using var harness = new TwoWayHarness(kit: false, Notes);
        Fill(harness, 1);
        harness.Tables[0].DropColumn("size");
        harness.Tables[0].AddColumn("size", ColumnType.Text);
        harness.Tables[0].Insert($$"""{"id":"{{Guid.NewGuid()}}","size":"large"}""");

        var finding = await AssertFindsAsync(harness, FindingCodes.Types, FindingSeverity.Error, "another type");

        Assert.Contains("'size'", finding.Mend, StringComparison.Ordinal);
        Assert.DoesNotContain("large", finding.ToString() + finding.Mend, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DiagnoseAsync_NoRightToRead_NamesTheGrant()
    {
        using var harness = new TwoWayHarness(kit: false, Notes);
        harness.Tables[0].IsReadable = false;

        var finding = await AssertFindsAsync(harness, FindingCodes.Grants, FindingSeverity.Error, "may not read");

        Assert.Contains("GRANT SELECT ON \"public\".\"notes\" TO authenticated", finding.Mend, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DiagnoseAsync_NoVisibleRow_IsUnknownBecauseTheTableMayBeEmpty()
    {
        using var harness = new TwoWayHarness(kit: false, Notes);

        await AssertFindsAsync(harness, FindingCodes.VisibleRows, FindingSeverity.Unknown, "sees no row");
    }

    [Fact]
    public async Task DiagnoseAsync_RowsWithoutTimestampAndFromTheFuture_AreFound()
    {
        using var harness = new TwoWayHarness(kit: false, Notes);
        Fill(harness, 9);
        harness.Tables[0].MovesCursor = false;
        harness.Tables[0].Insert($$"""{"id":"{{Guid.NewGuid()}}","updated_at":null}""");
        harness.Tables[0].Insert($$"""{"id":"{{Guid.NewGuid()}}","updated_at":"2099-01-01T00:00:00+00:00"}""");

        var empty = await AssertFindsAsync(harness, FindingCodes.EmptyTimestamps, FindingSeverity.Error, "no updated_at");
        await AssertFindsAsync(harness, FindingCodes.FutureTimestamps, FindingSeverity.Warning, "future");

        Assert.Contains("set not null", empty.Mend, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DiagnoseAsync_SlowOrderOfDeltas_NamesTheIndex()
    {
        using var harness = new TwoWayHarness(kit: false, Notes);
        Fill(harness, 3);
        harness.Server.Responder = request =>
        {
            harness.Time.Advance(TimeSpan.FromMilliseconds(request.Query.Contains("order=updated_at", StringComparison.Ordinal) ? 5_000 : 100));
            return null;
        };

        var finding = await AssertFindsAsync(harness, FindingCodes.Index, FindingSeverity.Warning, "took 5000 ms");

        Assert.Equal("create index on \"public\".\"notes\" (\"updated_at\", \"id\");", finding.Mend);
    }

    [Fact]
    public async Task DiagnoseAsync_SlowNetwork_IsNoMissingIndex()
    {
        using var harness = new TwoWayHarness(kit: false, Notes);
        Fill(harness, 3);
        harness.Server.Responder = _ =>
        {
            harness.Time.Advance(TimeSpan.FromSeconds(3));
            return null;
        };

        await AssertFindsAsync(harness, FindingCodes.Index, FindingSeverity.Ok, "3000 ms");
    }

    [Theory]
    [InlineData(null, FindingSeverity.Ok)]
    [InlineData(50, FindingSeverity.Warning)]
    [InlineData(5, FindingSeverity.Ok)]
    public async Task DiagnoseAsync_ServerThatCutsPages_MattersOnlyToAPageSizeAboveIt(int? pageSize, FindingSeverity severity)
    {
        using var harness = new TwoWayHarness(kit: false, Notes);
        Fill(harness, 12);
        harness.Server.MaxRows = 7;
        if (pageSize is { } size)
        {
            harness.Options.PageSize = size;
        }

        await AssertFindsAsync(harness, FindingCodes.RowCap, severity, "7 rows at most");
    }

    [Theory]
    [InlineData(20, FindingSeverity.Ok, "agrees")]
    [InlineData(-7_200, FindingSeverity.Warning, "2 hours ahead of")]
    [InlineData(600, FindingSeverity.Warning, "10 minutes behind")]
    public async Task DiagnoseAsync_ClockOfTheDevice_IsComparedWithTheServers(int offset, FindingSeverity severity, string what)
    {
        using var harness = new TwoWayHarness(kit: false, Notes);
        harness.Server.ClockOffset = TimeSpan.FromSeconds(offset);
        harness.Server.TokenLifetime = TimeSpan.FromDays(1);

        await AssertFindsAsync(harness, FindingCodes.Clock, severity, what);
    }

    [Fact]
    public async Task DiagnoseAsync_ServerWithoutDate_IsAnErrorOfTheClock()
    {
        using var harness = new TwoWayHarness(kit: false, Notes);
        harness.Server.SendsDate = false;

        await AssertFindsAsync(harness, FindingCodes.Clock, FindingSeverity.Error, "no Date header");
    }

    [Fact]
    public async Task DiagnoseAsync_NumberAsKey_IsUnknownForRowsOfADevice()
    {
        using var harness = new TwoWayHarness(kit: true, SampleDatasets.Versioned("counted", "name"));

        await AssertFindsAsync(harness, FindingCodes.Key, FindingSeverity.Unknown, "counts it");
    }

    [Fact]
    public async Task DiagnoseAsync_KitThatIsRequiredAndMissing_NamesTheCall()
    {
        using var harness = new TwoWayHarness(SqlKitMode.Require, Notes);

        var finding = await AssertFindsAsync(harness, FindingCodes.SqlKit, FindingSeverity.Error, "is not enabled");

        Assert.Contains("agent_sync.enable('public.notes')", finding.Mend, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"kit":3,"tables":{}}""", "cannot be used")]
    [InlineData("""{"no":"kit"}""", "cannot be read")]
    public async Task DiagnoseAsync_KitOfAnotherVersionOrMaker_IsAnError(string answer, string what)
    {
        using var harness = new TwoWayHarness(kit: true, Notes);
        harness.Server.Responder = request => request.Path.EndsWith("horizon", StringComparison.Ordinal) ? ScriptedResponse.Json(answer) : null;

        await AssertFindsAsync(harness, FindingCodes.SqlKit, FindingSeverity.Error, what);
    }

    [Theory]
    [InlineData("problem", "\"triggers\"", FindingSeverity.Error, "does not let")]
    [InlineData("needs_restamp", "true", FindingSeverity.Error, "does not let")]
    [InlineData("key", "[\"id\",\"name\"]", FindingSeverity.Error, "does not let")]
    [InlineData("policies_changed", "true", FindingSeverity.Warning, "policies")]
    public async Task DiagnoseAsync_TroubleThatTheKitReports_IsAFinding(string member, string value, FindingSeverity severity, string what)
    {
        using var harness = new TwoWayHarness(kit: true, Notes);
        harness.Server.Responder = request => request.Path.EndsWith("horizon", StringComparison.Ordinal)
            ? ScriptedResponse.Json(Horizon.Replace("\"key\":[\"id\"]", member == "key" ? $"\"key\":{value}" : $"\"key\":[\"id\"],\"{member}\":{value}", StringComparison.Ordinal))
            : null;

        var finding = await AssertFindsAsync(harness, FindingCodes.SqlKit, severity, what);

        Assert.NotNull(finding.Mend);
    }

    [Fact]
    public async Task DiagnoseAsync_TransactionThatStaysOpen_IsAWarningOfTheHorizon()
    {
        using var harness = new TwoWayHarness(kit: true, Notes);
        var open = harness.Server.BeginTransaction();
        open.Insert(harness.Tables[0], $$"""{"id":"{{Guid.NewGuid()}}"}""");
        harness.Time.Advance(TimeSpan.FromMinutes(25));
        Fill(harness, 1);

        await AssertFindsAsync(harness, FindingCodes.Horizon, FindingSeverity.Warning, "25 minutes");
    }

    [Fact]
    public async Task DiagnoseAsync_Cancelled_Throws()
    {
        using var harness = new TwoWayHarness(kit: false, Notes);
        using var source = new CancellationTokenSource();
        harness.Server.Responder = _ =>
        {
            source.Cancel();
            return ScriptedResponse.Broken(ResponseFault.ConnectionRefused);
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => harness.Engine.DiagnoseAsync(cancellationToken: source.Token));
    }

    [Fact]
    public async Task DiagnoseAsync_NoSuchDataset_IsRefused()
    {
        using var harness = new TwoWayHarness(kit: false, Notes);

        await Assert.ThrowsAsync<ArgumentException>(() => harness.Engine.DiagnoseAsync(["nothing"], Token));
        Assert.Throws<ArgumentException>(() => { _ = harness.Engine.DiagnoseAsync([], Token); });
    }

    [Fact]
    public async Task DiagnoseAsync_FailuresOfTheServer_DoNotOpenTheBreakerOfSyncs()
    {
        using var harness = new TwoWayHarness(kit: false, Notes);
        harness.Options.Breaker.MinimumAttempts = 2;
        harness.Server.Responder = static _ => ScriptedResponse.Broken(ResponseFault.ConnectionRefused);
        for (var time = 0; time < 20; time++)
        {
            await harness.Engine.DiagnoseAsync(cancellationToken: Token);
        }

        harness.Server.Responder = null;

        Assert.Equal(SyncOutcome.Completed, (await harness.SyncAsync()).Outcome);
    }

    private static void Fill(TwoWayHarness harness, int rows)
    {
        for (var row = 0; row < rows; row++)
        {
            harness.Tables[0].Insert(string.Create(CultureInfo.InvariantCulture, $"{{\"id\":\"{Guid.NewGuid()}\",\"name\":\"n\",\"size\":{row}}}"));
        }
    }

    private static async Task<Finding> AssertFindsAsync(TwoWayHarness harness, string code, FindingSeverity severity, string what)
    {
        var diagnosis = await harness.Engine.DiagnoseAsync(cancellationToken: Token);
        var finding = Assert.Single(diagnosis.Findings, finding => finding.Code == code);
        Assert.Equal(severity, finding.Severity);
        Assert.Contains(what, finding.What, StringComparison.Ordinal);
        return finding;
    }
}
