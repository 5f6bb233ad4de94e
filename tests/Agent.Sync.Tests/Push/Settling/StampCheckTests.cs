using Agent.Sync.Testing;
using Agent.Sync.Tests.Engine;

namespace Agent.Sync.Tests.Push.Settling;

/// <summary>Tables whose cursor or version no trigger moves: other devices would not see an edit, so the push that learns of it says so.</summary>
public sealed class StampCheckTests
{
    private static readonly Dataset Plain = Define().Build();
    private static readonly Dataset Versioned = Define().Version("version").Build();
    private static readonly Dataset SoftDeleted = Define().Version("version").DeletedAt("deleted_at").Build();

    public static TheoryData<ConflictPolicy> Policies => [ConflictPolicy.ServerWins, ConflictPolicy.LocalWins];

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task SyncAsync_UpdateMovesNothing_SettlesItAndNamesTheTrigger(ConflictPolicy policy)
    {
        using var harness = await StartAsync(Plain, policy);
        harness.Tables[0].MovesCursor = false;
        harness.Store.Update(Plain, """{"title":"mine"}""", "1");

        var exception = await Assert.ThrowsAsync<SyncSchemaException>(() => harness.SyncAsync());

        Assert.Equal((SyncErrorKind.RemoteSchema, "items"), (exception.Kind, exception.Dataset));
        Assert.Contains("without moving column 'updated_at'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("create trigger \"items_stamp\" before insert or update on \"public\".\"items\"", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("mine", exception.ToString(), StringComparison.Ordinal);
        Assert.Contains("mine", harness.Tables[0].FindRow("1"), StringComparison.Ordinal);
        Assert.Empty(await harness.ChangesAsync());
        Assert.Equal(SyncOutcome.Completed, (await harness.SyncAsync()).Outcome);
    }

    [Theory]
    [InlineData(false, true, "column 'updated_at'")]
    [InlineData(true, false, "column 'version'")]
    [InlineData(false, false, "columns 'version' and 'updated_at'")]
    public async Task SyncAsync_OneOfTheTwoStandsStill_IsNamed(bool movesCursor, bool movesVersion, string named)
    {
        using var harness = await StartAsync(Versioned);
        (harness.Tables[0].MovesCursor, harness.Tables[0].MovesVersion) = (movesCursor, movesVersion);
        harness.Store.Update(Versioned, """{"title":"mine"}""", "1");

        var exception = await Assert.ThrowsAsync<SyncSchemaException>(() => harness.SyncAsync());

        Assert.Contains($"without moving {named},", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SyncAsync_SoftDeleteMovesNothing_IsNoticedToo()
    {
        using var harness = await StartAsync(SoftDeleted);
        harness.Tables[0].MovesCursor = false;
        harness.Store.Delete(SoftDeleted, "1");

        await Assert.ThrowsAsync<SyncSchemaException>(() => harness.SyncAsync());

        Assert.Empty(await harness.ChangesAsync());
        Assert.DoesNotContain("\"deleted_at\":null", harness.Tables[0].FindRow("1"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task SyncAsync_ServerTakesTheEditBack_MayLeaveTheStampAlone(ConflictPolicy policy)
    {
        using var harness = await StartAsync(Plain, policy);
        harness.Server.Responder = request => request.Method is "PATCH" || (request.Method is "POST" && request.Body.Contains("mine", StringComparison.Ordinal))
            ? ScriptedResponse.Json($"[{harness.Tables[0].FindRow("1")}]")
            : null;
        harness.Store.Update(Plain, """{"title":"mine"}""", "1");

        var result = await harness.SyncAsync();

        Assert.Equal((SyncOutcome.Completed, 1), (result.Outcome, result.Pushed));
        Assert.Contains("old", harness.Store.FindRow("items", "1"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"2020-01-01T00:00:00+00:00\"")]
    [InlineData("null")]
    public async Task SyncAsync_InsertIsStampedOtherwiseThanNow_IsNoticed(string stamp)
    {
        using var harness = await StartAsync(Plain);
        harness.Server.Responder = request => request.Method == "POST"
            ? ScriptedResponse.Json($$"""[{"id":2,"title":"mine","updated_at":{{stamp}}}]""")
            : null;
        harness.Store.Insert(Plain, """{"id":2,"title":"mine"}""");

        var exception = await Assert.ThrowsAsync<SyncSchemaException>(() => harness.SyncAsync());

        Assert.Contains("'updated_at'", exception.Message, StringComparison.Ordinal);
        Assert.Empty(await harness.ChangesAsync());
    }

    [Fact]
    public async Task SyncAsync_UpsertMakesTheRowAnew_ItsVersionMayStartAgain()
    {
        using var harness = await StartAsync(Versioned, ConflictPolicy.LocalWins);
        harness.Time.Advance(TimeSpan.FromSeconds(1));
        harness.Tables[0].Delete("1");
        harness.Store.Update(Versioned, """{"title":"mine"}""", "1");

        Assert.Equal(SyncOutcome.Completed, (await harness.SyncAsync()).Outcome);

        Assert.Contains("mine", harness.Tables[0].FindRow("1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SyncAsync_WithTheKit_ItsStampIsEnough()
    {
        using var harness = new TwoWayHarness(kit: true, Versioned);
        harness.Tables[0].Insert("""{"id":1,"title":"old"}""");
        (harness.Tables[0].MovesCursor, harness.Tables[0].MovesVersion) = (false, false);
        await harness.SyncAsync();
        harness.Store.Update(Versioned, """{"title":"mine"}""", "1");

        Assert.Equal(SyncOutcome.Completed, (await harness.SyncAsync()).Outcome);
    }

    private static DatasetBuilder Define() => SampleDatasets.Of("items", "title");

    private static async Task<TwoWayHarness> StartAsync(Dataset dataset, ConflictPolicy policy = ConflictPolicy.ServerWins)
    {
        var harness = new TwoWayHarness(kit: false, dataset);
        harness.Options.Push.ConflictPolicy = policy;
        harness.Tables[0].Insert("""{"id":1,"title":"old"}""");
        await harness.SyncAsync();
        return harness;
    }
}
