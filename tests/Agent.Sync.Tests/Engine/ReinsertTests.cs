using Agent.Sync.Push.Batches;

namespace Agent.Sync.Tests.Engine;

/// <summary>A key that was soft-deleted and is inserted again: for who edits locally there is no row to conflict with.</summary>
public sealed class ReinsertTests
{
    private static readonly Dataset Notes = Dataset.Define("notes")
        .Key("id", ColumnType.Integer)
        .Column("title", ColumnType.Text)
        .Column("note", ColumnType.Text)
        .Version("version")
        .UpdatedAt("updated_at")
        .DeletedAt("deleted_at")
        .Build();

    public static TheoryData<bool, ConflictPolicy> KitAndPolicy { get; } = new MatrixTheoryData<bool, ConflictPolicy>(
        [false, true], [ConflictPolicy.ServerWins, ConflictPolicy.LocalWins, ConflictPolicy.Resolver]);

    [Theory]
    [MemberData(nameof(KitAndPolicy))]
    public async Task SyncAsync_InsertedAgainWhileTheDeleteIsInFlight_RevivesTheRow(bool kit, ConflictPolicy policy)
    {
        using var harness = await StartAsync(kit, policy);
        harness.Store.Delete(Notes, "1");
        harness.During(static request => request.Method != "GET" && request.Body.Contains("delete", StringComparison.Ordinal), () => harness.Store.Insert(Notes, """{"id":1,"title":"again"}"""));

        await harness.SyncAsync();
        var result = await harness.SyncAsync();

        await IsRevivedAsync(harness, result, "again");
    }

    [Theory]
    [MemberData(nameof(KitAndPolicy))]
    public async Task SyncAsync_InsertedAgainAfterTheDeleteWentUp_RevivesTheRow(bool kit, ConflictPolicy policy)
    {
        using var harness = await StartAsync(kit, policy);
        harness.Store.Delete(Notes, "1");
        await harness.SyncAsync(SyncDirection.Push);
        harness.Store.Insert(Notes, """{"id":1,"title":"again"}""");

        var result = await harness.SyncAsync();

        await IsRevivedAsync(harness, result, "again");
    }

    [Theory]
    [MemberData(nameof(KitAndPolicy))]
    public async Task SyncAsync_InsertedAgainAsItWas_RevivesTheRow(bool kit, ConflictPolicy policy)
    {
        using var harness = await StartAsync(kit, policy);
        harness.Store.Delete(Notes, "1");
        await harness.SyncAsync();
        harness.Store.Insert(Notes, """{"id":1,"title":"old","note":"kept"}""");

        var result = await harness.SyncAsync();

        await IsRevivedAsync(harness, result, "old");
    }

    [Theory]
    [MemberData(nameof(KitAndPolicy))]
    public async Task SyncAsync_InsertedOverARowThatSomebodyElseDeleted_RevivesIt(bool kit, ConflictPolicy policy)
    {
        using var harness = await StartAsync(kit, policy);
        harness.Tables[0].SoftDelete("1");
        await harness.SyncAsync();
        harness.Store.Insert(Notes, """{"id":1,"title":"mine"}""");

        var result = await harness.SyncAsync();

        await IsRevivedAsync(harness, result, "mine");
    }

    [Theory]
    [MemberData(nameof(KitAndPolicy))]
    public async Task SyncAsync_EditedWhileTheInsertIsInFlight_RevivesTheRowAsItIsNow(bool kit, ConflictPolicy policy)
    {
        using var harness = await StartAsync(kit, policy);
        harness.Tables[0].SoftDelete("1");
        await harness.SyncAsync();
        harness.Store.Insert(Notes, """{"id":1,"title":"mine"}""");
        harness.During(static request => request.Method == "POST" && request.Body.Contains("mine", StringComparison.Ordinal), () => harness.Store.Update(Notes, """{"title":"newer"}""", "1"));

        var result = await harness.SyncAsync();

        await IsRevivedAsync(harness, result, "newer");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SyncAsync_DeletedAgainWhileTheInsertIsInFlight_StaysDeleted(bool kit)
    {
        using var harness = await StartAsync(kit, ConflictPolicy.ServerWins);
        harness.Tables[0].SoftDelete("1");
        await harness.SyncAsync();
        harness.Store.Insert(Notes, """{"id":1,"title":"mine"}""");
        harness.During(static request => request.Method == "POST" && request.Body.Contains("mine", StringComparison.Ordinal), () => harness.Store.Delete(Notes, "1"));

        await harness.SyncAsync();

        Assert.DoesNotContain("\"deleted_at\":null", harness.Tables[0].FindRow("1"), StringComparison.Ordinal);
        Assert.Null(harness.Store.FindRow("notes", "1"));
        Assert.Empty(await harness.ChangesAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SyncAsync_InsertOverALiveRow_GivesUpNeither(bool kit)
    {
        using var harness = await StartAsync(kit, ConflictPolicy.ServerWins);
        harness.Store.Insert(Notes, """{"id":2,"title":"mine"}""");
        harness.Tables[0].Insert("""{"id":2,"title":"theirs"}""");

        var result = await harness.SyncAsync();

        Assert.Equal(SyncOutcome.CompletedWithQuarantine, result.Outcome);
        Assert.Equal(ChangeCodes.KeyTaken, Assert.Single(await harness.ChangesAsync()).Code);
        Assert.Contains("mine", harness.Store.FindRow("notes", "2"), StringComparison.Ordinal);
        Assert.Contains("theirs", harness.Tables[0].FindRow("2"), StringComparison.Ordinal);
    }

    /// <summary>One row on both sides; a resolver that takes the server's row, and would lose the insert.</summary>
    private static async Task<TwoWayHarness> StartAsync(bool kit, ConflictPolicy policy)
    {
        var harness = new TwoWayHarness(kit, Notes);
        harness.Options.Push.ConflictPolicy = policy;
        harness.Options.Push.ConflictResolver = static (_, _) => ValueTask.FromResult(ConflictDecision.ServerWins);
        harness.Tables[0].Insert("""{"id":1,"title":"old","note":"kept"}""");
        await harness.SyncAsync();
        return harness;
    }

    private static async Task IsRevivedAsync(TwoWayHarness harness, SyncResult result, string title)
    {
        var (server, local) = (harness.Tables[0].FindRow("1"), harness.Store.FindRow("notes", "1"));
        Assert.Contains("\"deleted_at\":null", server, StringComparison.Ordinal);
        Assert.Contains($"\"title\":\"{title}\"", server, StringComparison.Ordinal);
        Assert.Contains("\"note\":\"kept\"", server, StringComparison.Ordinal);
        Assert.Contains($"\"title\":\"{title}\"", local, StringComparison.Ordinal);
        Assert.Contains("\"note\":\"kept\"", local, StringComparison.Ordinal);
        Assert.Empty(await harness.ChangesAsync());
        Assert.Equal((SyncOutcome.Completed, 0), (result.Outcome, result.Datasets[0].Conflicts));
    }
}
