using System.Text;
using System.Text.Json;
using Agent.Sync.Push.Batches;
using Agent.Sync.Tests.Engine;

namespace Agent.Sync.Tests.Push.Settling;

/// <summary>A row that was changed on both sides, under each policy, with the SQL kit and without it.</summary>
public sealed class ConflictTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ServerWins_RowChangedOnBothSides_TheServersRowIsHere(bool kit)
    {
        var harness = Conflicting(kit, ConflictPolicy.ServerWins);

        Assert.Equal(SyncOutcome.Completed, await harness.RunAsync());

        Assert.Equal("theirs", harness.Server.NameOf(1));
        Assert.Contains("theirs", harness.LocalRow(1), StringComparison.Ordinal);
        Assert.Empty(await harness.ListAsync());
        Assert.Equal((0, 1), (harness.Counts.Pushed, harness.Counts.Conflicts));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LocalWins_RowChangedOnBothSides_TheLocalRowIsThere(bool kit)
    {
        var harness = Conflicting(kit, ConflictPolicy.LocalWins);

        Assert.Equal(SyncOutcome.Completed, await harness.RunAsync());

        Assert.Equal("mine", harness.Server.NameOf(1));
        Assert.Contains("mine", harness.LocalRow(1), StringComparison.Ordinal);
        Assert.Empty(await harness.ListAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LocalWins_RowIsGoneThere_IsThereAgain(bool kit)
    {
        var harness = Conflicting(kit, ConflictPolicy.LocalWins);
        harness.Server.Delete(1);
        harness.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(SyncOutcome.Completed, await harness.RunAsync());

        Assert.Equal("mine", harness.Server.NameOf(1));
        Assert.Empty(await harness.ListAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ServerWins_RowIsGoneThere_IsGoneHere(bool kit)
    {
        var harness = Conflicting(kit, ConflictPolicy.ServerWins);
        harness.Server.Delete(1);

        await harness.RunAsync();

        Assert.Null(harness.LocalRow(1));
        Assert.Equal(0, harness.Server.Table.Count);
        Assert.Equal(1, harness.Counts.Conflicts);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ServerWins_KeyWasTakenMeanwhile_GivesUpNeitherRow(bool kit)
    {
        var harness = new PushHarness(kit);
        harness.Insert(1, "mine");
        harness.Server.Write(1, "theirs");

        await harness.RunAsync();

        Assert.Contains("mine", harness.LocalRow(1), StringComparison.Ordinal);
        Assert.Equal("theirs", harness.Server.NameOf(1));
        Assert.Equal((0, 0, 1), (harness.Counts.Pushed, harness.Counts.Conflicts, harness.Counts.Rejected));
        Assert.Equal(ChangeCodes.KeyTaken, Assert.Single(await harness.ListAsync()).Code);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnyPolicy_BothSidesMadeTheSameEdit_IsNoConflict(bool kit)
    {
        var harness = Conflicting(kit, ConflictPolicy.ServerWins);
        harness.Server.Write(1, "mine");

        await harness.RunAsync();

        Assert.Equal((1, 0), (harness.Counts.Pushed, harness.Counts.Conflicts));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnyPolicy_DeletingWhatIsGone_IsSuccess(bool kit)
    {
        var harness = new PushHarness(kit);
        harness.Share((1, "one"));
        harness.Delete(1);
        harness.Server.Delete(1);

        await harness.RunAsync();

        Assert.Equal((1, 0), (harness.Counts.Pushed, harness.Counts.Conflicts));
        Assert.Empty(await harness.ListAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ServerWins_DeletedHereChangedThere_ComesBack(bool kit)
    {
        var harness = new PushHarness(kit);
        harness.Share((1, "one"));
        harness.Delete(1);
        harness.Server.Write(1, "theirs");

        await harness.RunAsync();

        Assert.Contains("theirs", harness.LocalRow(1), StringComparison.Ordinal);
        Assert.Equal("theirs", harness.Server.NameOf(1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Resolver_Merges_TheMergedRowIsOnBothSides(bool kit)
    {
        var harness = Conflicting(kit, ConflictPolicy.Resolver);
        var seen = new List<string>();
        harness.Options.Push.ConflictResolver = (conflict, _) =>
        {
            seen.Add($"{NameIn(conflict.Base)} {NameIn(conflict.Local)} {NameIn(conflict.Server)}");
            return new ValueTask<ConflictDecision>(ConflictDecision.Merge(Encoding.UTF8.GetBytes(
                Encoding.UTF8.GetString(conflict.Local.Span).Replace("mine", "both", StringComparison.Ordinal))));
        };

        Assert.Equal(SyncOutcome.Completed, await harness.RunAsync());

        Assert.Equal(["one mine theirs"], seen);
        Assert.Equal("both", harness.Server.NameOf(1));
        Assert.Contains("both", harness.LocalRow(1), StringComparison.Ordinal);
        Assert.Equal((1, 1), (harness.Counts.Pushed, harness.Counts.Conflicts));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Resolver_Deletes_TheRowIsGoneOnBothSides(bool kit)
    {
        var harness = Conflicting(kit, ConflictPolicy.Resolver);
        harness.Options.Push.ConflictResolver = static (_, _) => new ValueTask<ConflictDecision>(ConflictDecision.Delete);

        Assert.Equal(SyncOutcome.Completed, await harness.RunAsync());

        Assert.Null(harness.LocalRow(1));
        Assert.Equal(0, harness.Server.Table.Count);
        Assert.Empty(await harness.ListAsync());
    }

    [Fact]
    public async Task Resolver_DeletesWhatIsGone_LeavesNothingToSend()
    {
        var harness = Conflicting(kit: false, ConflictPolicy.Resolver);
        harness.Server.Delete(1);
        harness.Options.Push.ConflictResolver = static (_, _) => new ValueTask<ConflictDecision>(ConflictDecision.Delete);

        await harness.RunAsync();

        Assert.Null(harness.LocalRow(1));
        Assert.Empty(await harness.ListAsync());
    }

    [Fact]
    public async Task Resolver_Throws_EndsTheRunAndNothingIsLost()
    {
        var harness = Conflicting(kit: false, ConflictPolicy.Resolver);
        harness.Insert(7, "seven");
        harness.Options.Push.ConflictResolver = static (_, _) => throw new InvalidOperationException("the app's own");

        Assert.Equal("the app's own", (await Assert.ThrowsAsync<InvalidOperationException>(() => harness.RunAsync())).Message);

        // What was asked about may have been sent; what comes after it certainly was not.
        Assert.Equal([ChangeState.InFlight, ChangeState.Waiting], (await harness.ListAsync()).Select(static change => change.State));
        Assert.Contains("mine", harness.LocalRow(1), StringComparison.Ordinal);

        // The conflict comes again, and can be settled then.
        harness.Options.Push.ConflictResolver = static (_, _) => new ValueTask<ConflictDecision>(ConflictDecision.LocalWins);
        Assert.Equal(SyncOutcome.Completed, await harness.RunAsync());
        Assert.Equal(("mine", "seven"), (harness.Server.NameOf(1), harness.Server.NameOf(7)));
    }

    [Fact]
    public async Task Resolver_ThrowsAboutTheFirstOfSeveral_IsNotAskedAboutTheOthers()
    {
        var harness = new PushHarness(kit: true);
        harness.Options.Push.ConflictPolicy = ConflictPolicy.Resolver;
        harness.Share((1, "one"), (2, "two"));
        foreach (var id in new[] { 1, 2 })
        {
            harness.Update(id, "mine");
            harness.Server.Write(id, "theirs");
        }

        var asked = 0;
        harness.Options.Push.ConflictResolver = (_, _) => throw new InvalidOperationException($"{++asked}");

        await Assert.ThrowsAsync<InvalidOperationException>(() => harness.RunAsync());

        Assert.Equal(1, asked);
        Assert.All(await harness.ListAsync(), static change => Assert.Equal(ChangeState.InFlight, change.State));
    }

    [Fact]
    public async Task Resolver_KeepsTheLocalRow_TakesOneMoreRoundAndCountsTheChangeOnce()
    {
        var harness = Conflicting(kit: false, ConflictPolicy.Resolver);
        harness.Options.Push.ConflictResolver = static (_, _) => new ValueTask<ConflictDecision>(ConflictDecision.LocalWins);

        await harness.RunAsync();

        Assert.Equal((1, 1), (harness.Counts.Pushed, harness.Counts.Settled));
        Assert.Single(harness.Log.Lines, static line => line.StartsWith("3007 ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OnConflict_OfADataset_WinsOverTheOptions(bool kit)
    {
        using var harness = new TwoWayHarness(
            kit,
            Dataset.Define("first").Key("id", ColumnType.Integer).Column("name", ColumnType.Text).Version("version").UpdatedAt("updated_at").OnConflict(ConflictPolicy.LocalWins),
            Dataset.Define("second").Key("id", ColumnType.Integer).Column("name", ColumnType.Text).Version("version").UpdatedAt("updated_at")
                .OnConflict(static (_, _) => ValueTask.FromResult(ConflictDecision.LocalWins)),
            Dataset.Define("third").Key("id", ColumnType.Integer).Column("name", ColumnType.Text).Version("version").UpdatedAt("updated_at"));
        foreach (var table in harness.Tables)
        {
            table.Insert("""{"id":1,"name":"old"}""");
        }

        await harness.SyncAsync();
        harness.Time.Advance(TimeSpan.FromMinutes(1));
        for (var index = 0; index < harness.Tables.Length; index++)
        {
            harness.Store.Update(harness.Options.Datasets[index], """{"name":"mine"}""", "1");
            harness.Tables[index].Update("""{"name":"theirs"}""", "1");
        }

        await harness.SyncAsync();

        Assert.Equal(
            ["mine", "mine", "theirs"],
            harness.Tables.Select(static table => JsonDocument.Parse(table.FindRow("1")!).RootElement.GetProperty("name").GetString()!));
    }

    [Fact]
    public void OnConflict_ResolverAsAPolicy_AsksForTheResolver() => Assert.Throws<ArgumentOutOfRangeException>(
        () => Dataset.Define("items").OnConflict(ConflictPolicy.Resolver));

    [Theory]
    [InlineData("""{"id":1}""")]
    [InlineData("""{"id":2,"name":"x","updated_at":"2026-01-01T00:00:00+00:00","version":1}""")]
    [InlineData("""{"id":1,"name":"x","updated_at":"2026-01-01T00:00:00+00:00","version":1},{}""")]
    [InlineData("""{"id":1,"name":7,"updated_at":"2026-01-01T00:00:00+00:00","version":"x"}""")]
    [InlineData("canary")]
    public async Task Resolver_RowCannotBeUsed_IsATypedErrorWithoutItsValues(string row)
    {
        var harness = Conflicting(kit: false, ConflictPolicy.Resolver);
        harness.Options.Push.ConflictResolver = (_, _) => new ValueTask<ConflictDecision>(ConflictDecision.Merge(Encoding.UTF8.GetBytes(row)));

        var exception = await Assert.ThrowsAsync<SyncProtocolException>(() => harness.RunAsync());

        Assert.Equal(SyncErrorKind.BadRequest, exception.Kind);
        Assert.DoesNotContain("canary", exception.ToString(), StringComparison.Ordinal);
        Assert.Single(await harness.ListAsync());
        Assert.Contains("mine", harness.LocalRow(1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resolver_RowChangesThereEveryTime_WaitsForTheNextRunAfterFiveRounds()
    {
        var harness = Conflicting(kit: false, ConflictPolicy.Resolver);
        var asked = 0;
        harness.Options.Push.ConflictResolver = (_, _) =>
        {
            harness.Server.Write(1, $"theirs {++asked}");
            return new ValueTask<ConflictDecision>(ConflictDecision.LocalWins);
        };

        Assert.Equal(SyncOutcome.Completed, await harness.RunAsync());

        Assert.Equal(5, asked);
        Assert.Equal(ChangeState.Waiting, Assert.Single(await harness.ListAsync()).State);
    }

    private static string NameIn(ReadOnlyMemory<byte> row) =>
        System.Text.Json.Nodes.JsonNode.Parse(row.Span)!["name"]!.GetValue<string>();

    /// <summary>Row 1 was "one" on both sides, and is "mine" here and "theirs" there.</summary>
    private static PushHarness Conflicting(bool kit, ConflictPolicy policy)
    {
        var harness = new PushHarness(kit);
        harness.Options.Push.ConflictPolicy = policy;
        harness.Share((1, "one"));
        harness.Update(1, "mine");
        harness.Server.Write(1, "theirs");
        return harness;
    }
}
