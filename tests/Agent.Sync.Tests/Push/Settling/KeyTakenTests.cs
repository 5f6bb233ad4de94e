using System.Text;
using Agent.Sync.Push.Batches;
using Agent.Sync.Testing;
using Agent.Sync.Tests.Engine;

namespace Agent.Sync.Tests.Push.Settling;

/// <summary>Two devices give one key to two rows: neither is lost, whatever the policy.</summary>
public sealed class KeyTakenTests
{
    private static readonly Dataset Numbered = Define(static builder => builder.Key("id", ColumnType.Integer));
    private static readonly Dataset Named = Define(static builder => builder.Key("id", ColumnType.Text));
    private static readonly Dataset Lines = Define(static builder => builder.Key("tenant", ColumnType.Uuid).Key("id", ColumnType.Integer));
    private static readonly Dataset Pairs = Define(static builder => builder.Key("tenant", ColumnType.Uuid).Key("id", ColumnType.Uuid));
    private static readonly Dataset Unique = Define(static builder => builder.Key("id", ColumnType.Uuid));

    private const string One = "11111111-1111-4111-8111-111111111111";

    private static readonly (Dataset Dataset, string[] Key)[] Keys = [(Numbered, ["1"]), (Named, ["n1"]), (Lines, [One, "1"]), (Pairs, [One, One])];

    public static TheoryData<bool, ConflictPolicy, int> Cases { get; } = new MatrixTheoryData<bool, ConflictPolicy, int>(
        [false, true], [ConflictPolicy.ServerWins, ConflictPolicy.LocalWins], [0, 1, 2, 3]);

    public static TheoryData<bool, ConflictPolicy> KitAndPolicy { get; } = new MatrixTheoryData<bool, ConflictPolicy>(
        [false, true], [ConflictPolicy.ServerWins, ConflictPolicy.LocalWins]);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task SyncAsync_BothInsertedTheKey_KeepsBothAndNamesTheLocalOne(bool kit, ConflictPolicy policy, int key)
    {
        using var harness = await StartAsync(kit, policy, key);

        var result = await harness.SyncAsync();

        await IsKeptAsync(harness, result, key);
        Assert.Equal((1, 0, 0), (result.Datasets[0].Rejected, result.Datasets[0].Conflicts, result.Datasets[0].Pushed));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task SyncAsync_PulledRetriedAndEdited_NeverBecomesAnEditOfTheOtherRow(bool kit, ConflictPolicy policy, int key)
    {
        using var harness = await StartAsync(kit, policy, key);
        await harness.SyncAsync(SyncDirection.Pull);
        await harness.SyncAsync();
        await harness.SyncAsync();
        await harness.Engine.RetryChangesAsync("items", cancellationToken: Token);
        await harness.SyncAsync();
        harness.Store.Update(harness.Datasets[0], """{"note":"mine too"}""", Keys[key].Key);

        var result = await harness.SyncAsync();

        await IsKeptAsync(harness, result, key);
        Assert.DoesNotContain("mine too", harness.Tables[0].FindRow(Keys[key].Key), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(KitAndPolicy))]
    public async Task SyncAsync_AppGivesAnotherKey_BothRowsAreOnBothSides(bool kit, ConflictPolicy policy)
    {
        using var harness = await StartAsync(kit, policy, 0);
        await harness.SyncAsync();
        harness.Store.Update(Numbered, """{"id":2}""", "1");

        var result = await harness.SyncAsync();

        Assert.Equal((SyncOutcome.Completed, 1), (result.Outcome, result.Pushed));
        Assert.Empty(await harness.ChangesAsync());
        foreach (var (id, title) in (ReadOnlySpan<(string, string)>)[("1", "theirs"), ("2", "mine")])
        {
            Assert.Contains(title, harness.Tables[0].FindRow(id), StringComparison.Ordinal);
            Assert.Contains(title, harness.Store.FindRow("items", id), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(KitAndPolicy))]
    public async Task SyncAsync_RowOfTheServerIsDeleted_ARetryInserts(bool kit, ConflictPolicy policy)
    {
        using var harness = await StartAsync(kit, policy, 0);
        await harness.SyncAsync();
        harness.Tables[0].Delete("1");
        await harness.SyncAsync();
        await harness.Engine.RetryChangesAsync("items", cancellationToken: Token);

        await harness.SyncAsync();

        Assert.Contains("mine", harness.Tables[0].FindRow("1"), StringComparison.Ordinal);
        Assert.Empty(await harness.ChangesAsync());
    }

    [Theory]
    [MemberData(nameof(KitAndPolicy))]
    public async Task Discard_KeyTaken_BringsTheServersRow(bool kit, ConflictPolicy policy)
    {
        using var harness = await StartAsync(kit, policy, 0);
        await harness.SyncAsync(SyncDirection.Push);

        Assert.Equal(1, await harness.Engine.DiscardChangesAsync("items", cancellationToken: Token));

        Assert.Contains("theirs", harness.Store.FindRow("items", "1"), StringComparison.Ordinal);
        Assert.Equal(SyncOutcome.Completed, (await harness.SyncAsync()).Outcome);
        Assert.Contains("theirs", harness.Store.FindRow("items", "1"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SyncAsync_AppsResolver_SeesBothAndDecides(bool kit)
    {
        using var harness = await StartAsync(kit, ConflictPolicy.Resolver, 0);
        harness.Options.Push.ConflictResolver = static (conflict, _) =>
        {
            Assert.True(conflict.Base.IsEmpty);
            Assert.Contains("mine", Encoding.UTF8.GetString(conflict.Local.Span), StringComparison.Ordinal);
            return new ValueTask<ConflictDecision>(ConflictDecision.Merge(Encoding.UTF8.GetBytes(
                Encoding.UTF8.GetString(conflict.Server.Span).Replace("theirs", "both", StringComparison.Ordinal))));
        };

        var result = await harness.SyncAsync();

        Assert.Equal((SyncOutcome.Completed, 1), (result.Outcome, result.Conflicts));
        Assert.Contains("both", harness.Tables[0].FindRow("1"), StringComparison.Ordinal);
        Assert.Contains("both", harness.Store.FindRow("items", "1"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, ConflictPolicy.ServerWins, "theirs")]
    [InlineData(true, ConflictPolicy.ServerWins, "theirs")]
    [InlineData(false, ConflictPolicy.LocalWins, "mine")]
    [InlineData(true, ConflictPolicy.LocalWins, "mine")]
    public async Task SyncAsync_SingleUuid_IsOneRowAndThePolicys(bool kit, ConflictPolicy policy, string expected)
    {
        using var harness = new TwoWayHarness(kit, Unique);
        harness.Options.Push.ConflictPolicy = policy;
        harness.Store.Insert(Unique, $$"""{"id":"{{One}}","title":"mine"}""");
        harness.Tables[0].Insert($$"""{"id":"{{One}}","title":"theirs","note":"theirs"}""");

        var result = await harness.SyncAsync();

        Assert.Equal(SyncOutcome.Completed, result.Outcome);
        Assert.Contains($"\"title\":\"{expected}\"", harness.Tables[0].FindRow(One), StringComparison.Ordinal);
        Assert.Contains($"\"title\":\"{expected}\"", harness.Store.FindRow("items", One), StringComparison.Ordinal);
        Assert.Contains("\"note\":\"theirs\"", harness.Tables[0].FindRow(One), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(KitAndPolicy))]
    public async Task SyncAsync_AnswerOfTheInsertWasLost_IsAppliedAndNotTaken(bool kit, ConflictPolicy policy)
    {
        using var harness = new TwoWayHarness(kit, Numbered);
        harness.Options.Push.ConflictPolicy = policy;
        harness.Options.Retry.MaxRetries = 0;
        await harness.SyncAsync();
        harness.Store.Insert(Numbered, """{"id":1,"title":"mine"}""");
        var isLost = false;
        harness.Server.Responder = request =>
        {
            var loses = !isLost && request.Method == "POST" && request.Body.Contains("mine", StringComparison.Ordinal);
            isLost |= loses;
            return loses ? ScriptedResponse.Broken(ResponseFault.ResetBeforeHeaders) : null;
        };
        await Assert.ThrowsAsync<SyncTransportException>(() => harness.SyncAsync());

        var result = await harness.SyncAsync();

        Assert.Equal((SyncOutcome.Completed, 1, 0), (result.Outcome, result.Pushed, result.Rejected));
        Assert.Empty(await harness.ChangesAsync());
    }

    [Theory]
    [InlineData(ConflictPolicy.ServerWins)]
    [InlineData(ConflictPolicy.LocalWins)]
    public async Task SyncAsync_RefusedAfterItsAnswerWasLostAndEditedSince_DoesNotMeetItselfAsAnothers(ConflictPolicy policy)
    {
        using var harness = new TwoWayHarness(kit: false, Numbered);
        harness.Options.Push.ConflictPolicy = policy;
        harness.Options.Retry.MaxRetries = 0;
        await harness.SyncAsync();
        harness.Store.Insert(Numbered, """{"id":1,"title":"mine"}""");
        var posts = 0;
        harness.Server.Responder = request => request.Method != "POST" ? null : ++posts switch
        {
            1 => ScriptedResponse.Broken(ResponseFault.ResetBeforeHeaders),
            2 => ScriptedResponse.Error(System.Net.HttpStatusCode.InternalServerError, "XX000"),
            _ => null,
        };
        await Assert.ThrowsAsync<SyncTransportException>(() => harness.SyncAsync());
        harness.Store.Update(Numbered, """{"title":"edited"}""", "1");
        await Record.ExceptionAsync(() => harness.SyncAsync());

        var result = await harness.SyncAsync();
        result = await harness.SyncAsync();

        Assert.Equal(SyncOutcome.Completed, result.Outcome);
        Assert.Empty(await harness.ChangesAsync());
        Assert.Contains("edited", harness.Tables[0].FindRow("1"), StringComparison.Ordinal);
        Assert.Contains("edited", harness.Store.FindRow("items", "1"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(KitAndPolicy))]
    public async Task SyncAsync_BothInsertedTheSameValues_AreOneRow(bool kit, ConflictPolicy policy)
    {
        using var harness = new TwoWayHarness(kit, Numbered);
        harness.Options.Push.ConflictPolicy = policy;
        harness.Store.Insert(Numbered, """{"id":1,"title":"same"}""");
        harness.Tables[0].Insert("""{"id":1,"title":"same"}""");

        var result = await harness.SyncAsync();

        Assert.Equal((SyncOutcome.Completed, 1), (result.Outcome, result.Pushed));
    }

    private static Dataset Define(Func<DatasetBuilder, DatasetBuilder> key) =>
        key(Dataset.Define("items")).Column("title", ColumnType.Text).Column("note", ColumnType.Text).Version("version").UpdatedAt("updated_at").Build();

    /// <summary>The key is inserted here, as "mine", and there, as "theirs".</summary>
    private static async Task<TwoWayHarness> StartAsync(bool kit, ConflictPolicy policy, int key)
    {
        var (dataset, values) = Keys[key];
        var harness = new TwoWayHarness(kit, dataset);
        harness.Options.Push.ConflictPolicy = policy;
        harness.Options.Push.ConflictResolver = policy == ConflictPolicy.Resolver ? static (_, _) => ValueTask.FromResult(ConflictDecision.ServerWins) : null;
        if (policy != ConflictPolicy.Resolver)
        {
            await harness.SyncAsync();
        }

        harness.Store.Insert(dataset, Row(dataset, values, "mine", note: "null"));
        harness.Tables[0].Insert(Row(dataset, values, "theirs", note: "\"theirs\""));
        return harness;
    }

    private static string Row(Dataset dataset, string[] key, string title, string note) =>
        $"{{{string.Concat(dataset.KeyOrdinals.Select((ordinal, part) => $"\"{dataset.Columns[ordinal].Name}\":{(dataset.Columns[ordinal].Type == ColumnType.Integer ? key[part] : $"\"{key[part]}\"")},"))}\"title\":\"{title}\",\"note\":{note}}}";

    private static async Task IsKeptAsync(TwoWayHarness harness, SyncResult result, int key)
    {
        var (_, values) = Keys[key];
        Assert.Equal(SyncOutcome.CompletedWithQuarantine, result.Outcome);
        var change = Assert.Single(await harness.ChangesAsync());
        Assert.Equal((ChangeState.Quarantined, ChangeKind.Insert, ChangeCodes.KeyTaken), (change.State, change.Kind, change.Code));
        Assert.Contains("\"title\":\"theirs\"", harness.Tables[0].FindRow(values), StringComparison.Ordinal);
        Assert.Contains("\"note\":\"theirs\"", harness.Tables[0].FindRow(values), StringComparison.Ordinal);
        Assert.Contains("\"title\":\"mine\"", harness.Store.FindRow("items", values), StringComparison.Ordinal);
    }
}
