using System.Net;
using System.Numerics;
using Agent.Sync.Testing;
using Agent.Sync.Tests.Fakes;

namespace Agent.Sync.Tests.Push;

/// <summary>Rows the server refuses: found, kept aside with their reason, and nothing else held up.</summary>
public sealed class PoisonTests
{
    [Theory]
    [InlineData("23505")]
    [InlineData("23514")]
    [InlineData("22001")]
    [InlineData("P0001")]
    [InlineData("42501")]
    public async Task Run_OnePoisonRowAnywhere_IsQuarantinedWithinTheBoundOfRequests(string code)
    {
        foreach (var poison in new[] { 1, 2, 250, 499, 500 })
        {
            var harness = new PushHarness();
            harness.InsertMany(500);
            harness.Server.Refuse = row => (long)row["id"]! == poison ? code : null;

            Assert.Equal(SyncOutcome.Completed, await harness.RunAsync());

            Assert.Equal(499, harness.Server.Table.Count);
            var rejected = Assert.Single(await harness.ListAsync());
            Assert.Equal((ChangeState.Quarantined, code), (rejected.State, rejected.Code));

            // One request more asks whether the refusal was the table's.
            Assert.InRange(harness.Server.Calls.Count, 2, Bound(500) + 1 + (code == "42501" ? 1 : 0));
        }
    }

    /// <summary>
    /// The batch, then the first half of each part that holds the row. A half that passes leaves the row to the other one, which is then not sent whole;
    /// a half that fails leaves the other one to be sent.
    /// </summary>
    [Theory]
    [InlineData(1, 7)]
    [InlineData(2, 7)]
    [InlineData(3, 6)]
    [InlineData(4, 6)]
    [InlineData(5, 6)]
    [InlineData(6, 6)]
    [InlineData(7, 5)]
    [InlineData(8, 5)]
    public async Task Run_OnePoisonRowAmongEight_CostsExactlySoManyRequests(long poison, int requests)
    {
        var harness = new PushHarness();
        harness.InsertMany(8);
        harness.Server.Refuse = row => (long)row["id"]! == poison ? "23514" : null;

        await harness.RunAsync();

        Assert.Equal(requests, harness.Server.Calls.Count);
        Assert.Equal(7, harness.Server.Table.Count);
    }

    [Fact]
    public async Task Run_ThreePoisonRowsAmongTenThousand_CostNoMoreThanTheBound()
    {
        var harness = new PushHarness();
        harness.InsertMany(10_000);
        harness.Server.Refuse = row => (long)row["id"]! is 17 or 5_000 or 9_999 ? "23514" : null;

        await harness.RunAsync();

        Assert.Equal(9_997, harness.Server.Table.Count);
        Assert.Equal(3, harness.Counts.Rejected);
        Assert.InRange(harness.Server.Calls.Count, 20, 20 + (3 * Bound(500)));
        TestContext.Current.TestOutputHelper!.WriteLine($"{harness.Server.Calls.Count} requests");
    }

    [Fact]
    public async Task Run_PoisonNeighbours_AreEachFound()
    {
        var harness = new PushHarness();
        harness.InsertMany(16);
        harness.Server.Refuse = row => (long)row["id"]! is 7 or 8 or 9 ? "22P02" : null;

        await harness.RunAsync();

        Assert.Equal([7, 8, 9], (await harness.ListAsync()).Select(static change => change.Id));
        Assert.Equal(13, harness.Server.Table.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_EveryRowIsPoison_StopsBeforeAllOfThemAreTried(bool kit)
    {
        var harness = new PushHarness(kit);
        harness.Options.Push.BatchRows = 100;
        harness.InsertMany(1000);
        harness.Server.Refuse = static _ => "23514";

        Assert.Equal(SyncOutcome.QuarantineFull, await harness.RunAsync());

        // Half of the first batch and one more without the kit, which answers for all of the batch at once.
        Assert.Equal(kit ? 100 : 51, harness.Counts.Rejected);

        // What was sent once may have to be sent as it was; the batches behind it wait for further edits.
        var left = await harness.ListAsync();
        Assert.Equal(kit ? 0 : 49, left.Count(static change => change.State == ChangeState.InFlight));
        Assert.Equal(900, left.Count(static change => change.State == ChangeState.Waiting));
    }

    [Fact]
    public async Task Run_AHandfulOfPoisonRowsOnly_AreAllQuarantined()
    {
        var harness = new PushHarness();
        harness.InsertMany(10);
        harness.Server.Refuse = static _ => "23514";

        Assert.Equal(SyncOutcome.Completed, await harness.RunAsync());

        Assert.Equal(10, harness.Counts.Rejected);
        Assert.All(await harness.ListAsync(), static change => Assert.Equal(ChangeState.Quarantined, change.State));
    }

    [Fact]
    public async Task Run_MoreThanMaxQuarantined_Stops()
    {
        var harness = new PushHarness();
        harness.Options.Push.MaxQuarantined = 3;
        harness.Options.Push.BatchRows = 8;
        harness.InsertMany(400);
        harness.Server.Refuse = static row => (long)row["id"]! % 8 == 0 ? "23514" : null;

        Assert.Equal(SyncOutcome.QuarantineFull, await harness.RunAsync());

        Assert.Equal(4, harness.Counts.Rejected);
        Assert.Contains(harness.Log.Lines, static line => line.StartsWith("3004", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_ParentComesLaterInThePart_IsSentAgainAndArrives(bool kit)
    {
        var harness = new PushHarness(kit);
        harness.Options.Push.BatchRows = 2;
        harness.InsertMany(4);

        // Row 1 refers to row 4, which is in a later batch.
        harness.Server.Refuse = row => (long)row["id"]! == 1 && harness.Server.Table.FindRow("4") is null ? "23503" : null;

        Assert.Equal(SyncOutcome.Completed, await harness.RunAsync());

        Assert.Equal(4, harness.Server.Table.Count);
        Assert.Empty(await harness.ListAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_ParentNeverComes_IsQuarantinedAfterASecondTry(bool kit)
    {
        var harness = new PushHarness(kit);
        harness.InsertMany(4);
        var tries = 0;
        harness.Server.Refuse = row =>
        {
            tries += (long)row["id"]! == 2 ? 1 : 0;
            return (long)row["id"]! == 2 ? "23503" : null;
        };

        Assert.Equal(SyncOutcome.Completed, await harness.RunAsync());

        Assert.Equal("23503", Assert.Single(await harness.ListAsync(ChangeState.Quarantined)).Code);
        Assert.InRange(tries, 2, 4);
    }

    [Fact]
    public async Task Run_BodyTooLarge_IsHalvedAndSmallerFromThenOn()
    {
        var harness = new PushHarness();
        harness.Options.Push.BatchRows = 100;
        harness.InsertMany(300);
        harness.Server.Before = (_, call) => call.Body.Length > 1000 ? Failures.Answered(413, null, call) : null;

        Assert.Equal(SyncOutcome.Completed, await harness.RunAsync());

        Assert.Equal(300, harness.Server.Table.Count);

        // One of 100, and the halves of that one; after that nothing is too large.
        Assert.InRange(harness.Server.Calls.Count(static call => call.Body.Length > 1000), 2, 3);
    }

    [Fact]
    public async Task Run_OneRowTooLarge_IsQuarantined()
    {
        var harness = new PushHarness();
        harness.InsertMany(5);
        harness.Insert(6, new string('x', 2000));
        harness.Server.Before = (_, call) => call.Body.Length > 1000 ? Failures.Answered(413, null, call) : null;

        Assert.Equal(SyncOutcome.Completed, await harness.RunAsync());

        Assert.Equal("413", Assert.Single(await harness.ListAsync()).Code);
        Assert.Equal(5, harness.Server.Table.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_StatementTimeout_IsHalved(bool kit)
    {
        var harness = new PushHarness(kit);
        harness.InsertMany(400);
        harness.Server.Before = (_, call) => call.Body.Length > 3000 ? Failures.Answered(500, "57014", call) : null;

        Assert.Equal(SyncOutcome.Completed, await harness.RunAsync());

        Assert.Equal(400, harness.Server.Table.Count);
        Assert.Contains(harness.Log.Lines, static line => line.StartsWith("3005", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_StatementTimeoutForASingleRow_FailsTheRunAndKeepsTheChange()
    {
        var harness = new PushHarness();
        harness.InsertMany(4);
        harness.Server.Before = static (_, call) => Failures.Answered(500, "57014", call);

        var exception = await Assert.ThrowsAsync<SyncTransportException>(() => harness.RunAsync());

        Assert.Equal(SyncErrorKind.StatementTimeout, exception.Kind);
        Assert.Equal(4, (await harness.ListAsync()).Count);
        Assert.Equal(0, harness.Counts.Rejected);
    }

    [Theory]
    [InlineData("21000", 500)]
    [InlineData("PGRST102", 400)]
    public async Task Run_OurOwnFault_FailsLoudly(string code, int status)
    {
        var harness = new PushHarness();
        harness.InsertMany(4);
        harness.Server.Before = (_, call) => Failures.Answered(status, code, call);

        var exception = await Assert.ThrowsAsync<SyncProtocolException>(() => harness.RunAsync());

        Assert.Equal(code, exception.Code);
        Assert.Single(harness.Server.Calls);
        Assert.DoesNotContain(await harness.ListAsync(), static change => change.State == ChangeState.Quarantined);
    }

    [Fact]
    public async Task Run_AnyOther4xx_IsBisected()
    {
        var harness = new PushHarness();
        harness.InsertMany(4);
        harness.Server.Before = (number, call) => harness.Server.Bodies[number].Contains("\"id\":3", StringComparison.Ordinal) ? Failures.Answered(422, null, call) : null;

        await harness.RunAsync();

        Assert.Equal("422", Assert.Single(await harness.ListAsync()).Code);
    }

    [Theory]
    [InlineData("POST", "INSERT")]
    [InlineData("PATCH", "UPDATE")]
    [InlineData("DELETE", "DELETE")]
    public async Task Run_GrantIsMissing_FailsWithItAndQuarantinesNothing(string method, string privilege)
    {
        var harness = new PushHarness();
        harness.Share((1, "one"), (2, "two"));
        harness.Insert(3);
        harness.Update(1, "uno");
        harness.Delete(2);
        harness.Server.Double.Responder = request => request.Method == method ? ScriptedResponse.Error(HttpStatusCode.Forbidden, "42501") : null;

        var exception = await Assert.ThrowsAsync<SyncAuthException>(() => harness.RunAsync());

        Assert.Equal(SyncErrorKind.PermissionDenied, exception.Kind);
        Assert.Contains($"GRANT SELECT, {privilege} ON", exception.Message, StringComparison.Ordinal);
        Assert.Empty(await harness.ListAsync(ChangeState.Quarantined));
    }

    [Fact]
    public async Task Run_KitRefusesTheCall_FailsWithTheGrants()
    {
        var harness = new PushHarness(kit: true);
        harness.Insert(1);
        harness.Server.Table.IsWritable = false;

        var exception = await Assert.ThrowsAsync<SyncAuthException>(() => harness.RunAsync());

        Assert.Contains("""GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."items" """, exception.Message, StringComparison.Ordinal);
        Assert.Single(harness.Server.Calls);
    }

    [Fact]
    public async Task Run_PolicyRefusesEveryRow_QuarantinesThemAndAsksOnceWhetherItIsTheTable()
    {
        var harness = new PushHarness();
        harness.InsertMany(4);
        harness.Server.Refuse = static _ => "42501";

        Assert.Equal(SyncOutcome.Completed, await harness.RunAsync());

        Assert.Equal(4, harness.Counts.Rejected);
        Assert.Single(harness.Server.Bodies, "[]");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_KeyBelongsToAnInvisibleRow_IsRejected(bool kit)
    {
        var harness = new PushHarness(kit);
        harness.Server.Write(1, "theirs");
        harness.Server.Table.AddColumn("owner_id", ColumnType.Text).OwnerColumn = "owner_id";
        harness.InsertMany(2);

        await harness.RunAsync();

        var rejected = Assert.Single(await harness.ListAsync());
        Assert.Equal((ChangeState.Quarantined, "42501"), (rejected.State, rejected.Code));
        Assert.Equal(("theirs", "n2"), (harness.Server.NameOf(1), harness.Server.NameOf(2)));
    }

    [Theory]
    [InlineData(ConflictPolicy.ServerWins)]
    [InlineData(ConflictPolicy.Resolver)]
    public async Task Run_RowMayBeReadButNotWritten_IsRejected(ConflictPolicy policy)
    {
        var harness = new PushHarness();
        harness.Options.Push.ConflictPolicy = policy;
        harness.Share((1, "one"), (2, "two"), (3, "three"));

        // A policy for updates and deletes that hides a row makes the write find nothing, without an error.
        harness.Server.Double.Responder = static request =>
            request.Method is "PATCH" or "DELETE" && !request.Query.Contains("id=eq.3&", StringComparison.Ordinal) ? ScriptedResponse.Json("[]") : null;
        harness.Update(1, "uno");
        harness.Update(3, "tre");
        harness.Delete(2);

        await harness.RunAsync();

        Assert.All(await harness.ListAsync(), static change => Assert.Equal((ChangeState.Quarantined, "42501"), (change.State, change.Code)));
        Assert.Equal(2, harness.Counts.Rejected);
        Assert.Equal(("one", "two", "tre"), (harness.Server.NameOf(1), harness.Server.NameOf(2), harness.Server.NameOf(3)));
    }

    private static int Bound(int changes) => (2 * (BitOperations.Log2((uint)changes - 1) + 1)) + 1;
}
