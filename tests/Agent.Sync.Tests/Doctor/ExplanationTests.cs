using Agent.Sync.Testing;
using Agent.Sync.Tests.Engine;

namespace Agent.Sync.Tests.Doctor;

/// <summary>What is said about one row, in every state in which a row can be.</summary>
public sealed class ExplanationTests
{
    private static readonly Dataset Notes = Dataset.Define("notes").Key("id", ColumnType.Integer).Column("name", ColumnType.Text).Version("version").UpdatedAt("updated_at").DeletedAt("deleted_at");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ExplainAsync_RowOfBothSides_IsInStepAndNamesTheVersion(bool kit)
    {
        using var harness = await SyncedAsync(kit);

        var row = await ExplainAsync(harness, RowState.InStep);

        Assert.Equal((true, true), (row.IsLocal, row.IsOnServer));
        Assert.Equal((kit ? "sync_seq" : "version", kit ? CompletenessGrade.Exact : CompletenessGrade.Overlap), (row.VersionColumn, row.Grade));
        Assert.NotNull(row.LocalVersion);
        Assert.Equal(row.LocalVersion, row.ServerVersion);
        Assert.Equal("""{"id":1}""", row.Key);
        Assert.Empty(row.DifferingColumns);
        Assert.DoesNotContain("old", row + row.Describe(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ExplainAsync_NoSuchRow_IsAbsent(bool kit)
    {
        using var harness = await SyncedAsync(kit);

        var row = await ExplainAsync(harness, RowState.Absent, key: """{"id":77}""");

        Assert.Equal((false, false), (row.IsLocal, row.IsOnServer));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ExplainAsync_EditThatWaits_HasItsBase(bool kit)
    {
        using var harness = await SyncedAsync(kit);
        harness.Store.Update(Notes, """{"name":"new"}""", "1");

        var row = await ExplainAsync(harness, RowState.Waiting);

        Assert.Equal(row.ServerVersion, row.BaseVersion);
        Assert.Contains("update waits", row.Describe(), StringComparison.Ordinal);
        harness.Tables[0].Update("""{"name":"theirs"}""", "1");
        Assert.Contains("changed since", (await ExplainAsync(harness, RowState.Waiting)).Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExplainAsync_DeleteThatWaits_IsNoLocalRow()
    {
        using var harness = await SyncedAsync(kit: false);
        harness.Store.Delete(Notes, "1");

        var row = await ExplainAsync(harness, RowState.Waiting);

        Assert.Equal((false, true), (row.IsLocal, row.IsOnServer));
        Assert.Contains("delete waits", row.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExplainAsync_RejectedChange_SaysWhy()
    {
        using var harness = await SyncedAsync(kit: false);
        harness.Tables[0].AddCheck("name_check", static row => row.Contains("bad", StringComparison.Ordinal) ? "23514" : null);
        harness.Store.Update(Notes, """{"name":"bad"}""", "1");
        await harness.SyncAsync();

        var row = await ExplainAsync(harness, RowState.Quarantined);

        Assert.Contains("a rule of the table forbids it", row.Describe(), StringComparison.Ordinal);
        Assert.DoesNotContain("bad", row.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExplainAsync_ChangeWhoseAnswerWasLost_IsInFlight()
    {
        using var harness = await SyncedAsync(kit: false);
        harness.Store.Update(Notes, """{"name":"new"}""", "1");
        harness.Options.Retry.MaxRetries = 0;
        harness.Server.Responder = static request => request.Method == "PATCH" ? ScriptedResponse.Broken(ResponseFault.ResetBeforeHeaders) : null;
        var sync = harness.SyncAsync();
        while (!sync.IsCompleted)
        {
            harness.Time.Advance(TimeSpan.FromSeconds(1));
        }

        await Assert.ThrowsAsync<SyncTransportException>(() => sync);

        Assert.Contains("applied once", (await ExplainAsync(harness, RowState.InFlight)).Describe(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ExplainAsync_NewOrNewerOnTheServer_ComesWithTheNextRun(bool kit)
    {
        using var harness = await SyncedAsync(kit);
        harness.Tables[0].Insert("""{"id":2}""");
        harness.Tables[0].Update("""{"name":"new"}""", "1");

        Assert.Contains("new on the server", (await ExplainAsync(harness, RowState.ServerIsNewer, key: """{"id":2}""")).Describe(), StringComparison.Ordinal);
        Assert.Contains("name", (await ExplainAsync(harness, RowState.ServerIsNewer)).DifferingColumns);

        await harness.SyncAsync();
        await ExplainAsync(harness, RowState.InStep);
        await ExplainAsync(harness, RowState.InStep, key: """{"id":2}""");
    }

    [Fact]
    public async Task ExplainAsync_RowWithAStampFromLongAgo_WasMissed()
    {
        using var harness = await SyncedAsync(kit: false);
        harness.Tables[0].MovesCursor = false;
        harness.Tables[0].Insert("""{"id":2,"version":1,"updated_at":"2001-01-01T00:00:00+00:00"}""");
        await harness.SyncAsync();

        Assert.Contains("full resync", (await ExplainAsync(harness, RowState.Missed, key: """{"id":2}""")).Describe(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, RowState.NotOnServer)]
    [InlineData(true, RowState.RemovedOnServer)]
    public async Task ExplainAsync_DeletedOnTheServer_TheKitKnowsSinceWhen(bool kit, RowState state)
    {
        using var harness = await SyncedAsync(kit);
        harness.Tables[0].Delete("1");

        var row = await ExplainAsync(harness, state);

        Assert.Equal(kit ? true : null, row.HasTombstone);
        await harness.SyncAsync();
        await ExplainAsync(harness, kit ? RowState.Absent : RowState.NotOnServer);
    }

    [Fact]
    public async Task ExplainAsync_SoftDeleted_IsInStepOnceItIsRemoved()
    {
        using var harness = await SyncedAsync(kit: false);
        harness.Tables[0].SoftDelete("1");
        await ExplainAsync(harness, RowState.ServerIsNewer);
        await harness.SyncAsync();

        var row = await ExplainAsync(harness, RowState.InStep);

        Assert.Equal((false, true, true), (row.IsLocal, row.IsOnServer, row.IsSoftDeleted));
        Assert.Contains("deleted on the server", row.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExplainAsync_RowThatTheFilterLeavesOut_SaysSo()
    {
        Dataset filtered = Dataset.Define("notes").Key("id", ColumnType.Integer).Column("name", ColumnType.Text).Version("version").UpdatedAt("updated_at").Where("name", FilterOperator.Equal, "kept");
        using var harness = new TwoWayHarness(kit: false, filtered);
        harness.Tables[0].Insert("""{"id":1,"name":"other"}""");
        await harness.SyncAsync();

        await ExplainAsync(harness, RowState.OutsideFilter);
    }

    [Fact]
    public async Task ExplainAsync_SameVersionWithOtherValues_NamesTheColumn()
    {
        using var harness = await SyncedAsync(kit: false);
        harness.Store.StopRecording(Notes);
        harness.Store.Update(Notes, """{"name":"by nobody"}""", "1");

        var row = await ExplainAsync(harness, RowState.Differs);

        Assert.Equal(["name"], row.DifferingColumns);
        Assert.Contains("this column differs: name", row.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExplainAsync_ServerThatWasSetBack_IsLocalIsNewer()
    {
        using var harness = await SyncedAsync(kit: false);
        harness.Tables[0].MovesVersion = false;
        harness.Tables[0].Update("""{"version":0}""", "1");

        await ExplainAsync(harness, RowState.LocalIsNewer);
    }

    [Fact]
    public async Task ExplainAsync_ServerOutOfReach_TellsTheLocalSideAndWhy()
    {
        using var harness = await SyncedAsync(kit: false);
        harness.Server.Responder = static _ => ScriptedResponse.Broken(ResponseFault.ConnectionRefused);

        var row = await ExplainAsync(harness, RowState.Unknown);

        Assert.Equal((true, null), (row.IsLocal, row.IsOnServer));
        Assert.Contains("could not be reached", row.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExplainAsync_RowOfAnotherOwner_IsAbsent()
    {
        using var harness = new TwoWayHarness(kit: false, Dataset.Define("notes").Key("id", ColumnType.Integer).Column("owner", ColumnType.Text).UpdatedAt("updated_at"));
        harness.Tables[0].OwnerColumn = "owner";
        harness.Tables[0].Insert("""{"id":1,"owner":"somebody else"}""");

        await ExplainAsync(harness, RowState.Absent);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ExplainAsync_KeyOfSeveralColumns_IsFoundInAnyOrder(bool kit)
    {
        using var harness = new TwoWayHarness(kit, Dataset.Define("parts").Key("tenant", ColumnType.Text).Key("seq", ColumnType.Integer).Key("code", ColumnType.Uuid).UpdatedAt("updated_at"));
        harness.Tables[0].Insert("""{"tenant":"a\"b, c)","seq":9007199254740993,"code":"0f8fad5b-d9cb-469f-a165-70867728950e"}""");
        await harness.SyncAsync();

        var row = await ExplainAsync(harness, RowState.InStep, key: """{"seq":9007199254740993,"code":"0F8FAD5BD9CB469FA16570867728950E","tenant":"a\"b, c)"}""");

        Assert.Equal("""{"tenant":"a\"b, c)","seq":9007199254740993,"code":"0f8fad5b-d9cb-469f-a165-70867728950e"}""", row.Key);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("""{"id":"canary"}""")]
    [InlineData("""{"id":1,"name":"canary"}""")]
    [InlineData("""{"id":null}""")]
    [InlineData("""{"id":1,"id":2}""")]
    [InlineData("canary")]
    public async Task ExplainAsync_KeyThatIsNone_IsRefusedWithoutQuotingIt(string key)
    {
        using var harness = new TwoWayHarness(kit: false, Notes);

        var failure = await Assert.ThrowsAsync<ArgumentException>(() => harness.Engine.ExplainAsync("notes", key, Token));

        Assert.Contains("id: Integer", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", failure.ToString(), StringComparison.Ordinal);
    }

    private static async Task<TwoWayHarness> SyncedAsync(bool kit)
    {
        TwoWayHarness harness = new(kit, Notes);
        harness.Tables[0].Insert("""{"id":1,"name":"old"}""");
        await harness.SyncAsync();
        harness.Time.Advance(TimeSpan.FromMinutes(10));
        await harness.SyncAsync();
        return harness;
    }

    private static async Task<RowExplanation> ExplainAsync(TwoWayHarness harness, RowState state, string key = """{"id":1}""")
    {
        var row = await harness.Engine.ExplainAsync(harness.Datasets[0].Name, key, Token);
        Assert.Equal(state, row.State);
        Assert.NotEmpty(row.Describe());
        return row;
    }
}
