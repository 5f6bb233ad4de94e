using System.Net;
using Agent.Sync.Testing;
using Agent.Sync.Tests.Fakes;

namespace Agent.Sync.Tests.Push;

/// <summary>Refusals that may be a row's or everybody's: what stays with one row while others go through is that row's, what every row gets is nobody's.</summary>
public sealed class WhoseFaultTests
{
    public static TheoryData<string> Undecided => ["54000", "P0002", "XX000", "55000", "42883", "PT401", "PT404", "PT408", "PT429", "PT500", "ZZ999"];

    [Theory]
    [MemberData(nameof(Undecided))]
    public async Task Run_OneRowOfMany_IsQuarantinedWithItsCode(string code)
    {
        foreach (var kit in new[] { false, true })
        {
            var harness = new PushHarness(kit);
            harness.InsertMany(40);
            harness.Server.Refuse = row => (long)row["id"]! == 17 ? code : null;

            Assert.Equal(SyncOutcome.Completed, await harness.RunAsync());

            var rejected = Assert.Single(await harness.ListAsync());
            Assert.Equal((ChangeState.Quarantined, code), (rejected.State, rejected.Code));
            Assert.Equal((39, 1), (harness.Server.Table.Count, harness.Counts.Rejected));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(500)]
    public async Task Run_SeveralRowsInBatchesOfAnySize_AreFoundWhereverTheyStand(int batchRows)
    {
        foreach (var kit in new[] { false, true })
        {
            var harness = new PushHarness(kit);
            harness.Options.Push.BatchRows = batchRows;
            harness.InsertMany(30);

            // The first rows of all: nothing has gone through when they are refused.
            harness.Server.Refuse = static row => (long)row["id"]! is 1 or 2 or 3 or 30 ? "54000" : null;

            Assert.Equal(SyncOutcome.Completed, await harness.RunAsync());

            Assert.Equal(26, harness.Server.Table.Count);
            Assert.All(await harness.ListAsync(), static change => Assert.Equal((ChangeState.Quarantined, "54000"), (change.State, change.Code)));
        }
    }

    [Theory]
    [InlineData(2, "XX000")]
    [InlineData(2, "54000")]
    [InlineData(3, "XX000")]
    [InlineData(40, "XX000")]
    [InlineData(2_000, "XX000")]
    public async Task Run_EveryRowGetsTheSame_FailsTheRunQuarantinesNothingAndAsksLittle(int rows, string code)
    {
        foreach (var kit in new[] { false, true })
        {
            var harness = new PushHarness(kit);
            harness.InsertMany(rows);
            harness.Server.Refuse = _ => code;

            var exception = await Assert.ThrowsAsync<SyncTransportException>(() => harness.RunAsync());

            Assert.Equal((SyncErrorKind.ServerError, code), (exception.Kind, exception.Code));
            Assert.Contains("not about a row", exception.Message, StringComparison.Ordinal);
            Assert.InRange(harness.Server.Calls.Count, 1, 100);

            // Their fate is known: they may be edited over and discarded.
            Assert.All(await harness.ListAsync(), static change => Assert.Equal(ChangeState.Waiting, change.State));
            Assert.Equal(rows, (await harness.ListAsync()).Count);
        }
    }

    [Theory]
    [InlineData("P0002", true)]
    [InlineData("54000", true)]
    [InlineData("PT403", true)]
    [InlineData("XX000", false)]
    [InlineData("42883", false)]
    public async Task Run_TheOnlyChange_IsJudgedByWhatItsCodeIsRaisedFor(string code, bool isRows)
    {
        foreach (var kit in new[] { false, true })
        {
            var harness = new PushHarness(kit);
            harness.Insert(1);
            harness.Server.Refuse = _ => code;

            if (isRows)
            {
                await harness.RunAsync();
            }
            else
            {
                await Assert.ThrowsAnyAsync<SyncException>(() => harness.RunAsync());
            }

            Assert.Equal(isRows ? ChangeState.Quarantined : ChangeState.Waiting, Assert.Single(await harness.ListAsync()).State);
        }
    }

    [Fact]
    public async Task Run_RefusedOnceOnly_IsNoRowsFault()
    {
        var harness = new PushHarness();
        harness.InsertMany(9);
        var refusals = 0;
        harness.Server.Refuse = row => (long)row["id"]! == 4 && ++refusals <= 3 ? "XX000" : null;

        Assert.Equal(SyncOutcome.Completed, await harness.RunAsync());

        // Alone it was refused once, and went through when it was sent again.
        Assert.Empty(await harness.ListAsync());
        Assert.Equal(9, harness.Server.Table.Count);
    }

    [Theory]
    [InlineData("40001", 500)]
    [InlineData("55P03", 500)]
    public async Task Run_RowIsHeldByOthers_WaitsAndTheOthersGoUp(string code, int status)
    {
        var harness = new PushHarness();
        harness.InsertMany(9);
        harness.Server.Before = (number, call) =>
            harness.Server.Bodies[number].Contains("\"id\":4,", StringComparison.Ordinal) ? Failures.Answered(status, code, call) : null;

        var exception = await Assert.ThrowsAsync<SyncTransportException>(() => harness.RunAsync());

        Assert.True(exception.IsTransient);
        Assert.Equal(8, harness.Server.Table.Count);
        Assert.Equal(ChangeState.Waiting, Assert.Single(await harness.ListAsync()).State);
    }

    [Theory]
    [InlineData("53100", 503)]
    [InlineData("57P01", 503)]
    [InlineData("42P01", 404)]
    [InlineData("42703", 400)]
    [InlineData("0A000", 400)]
    [InlineData("25006", 405)]
    [InlineData("22023", 401)]
    [InlineData(null, 400)]
    [InlineData(null, 503)]
    public async Task Run_ServersOwnFault_FailsAtOnceAndIsNoRows(string? code, int status)
    {
        foreach (var kit in new[] { false, true })
        {
            var harness = new PushHarness(kit);
            harness.InsertMany(9);
            harness.Server.Before = (_, call) => Failures.Answered(status, code, call);

            var exception = await Assert.ThrowsAnyAsync<SyncException>(() => harness.RunAsync());

            Assert.NotEqual(SyncErrorKind.BadRequest, exception.Kind);
            Assert.Single(harness.Server.Calls);
            Assert.DoesNotContain(await harness.ListAsync(), static change => change.State == ChangeState.Quarantined);
        }
    }

    [Fact]
    public async Task Run_UpdatesAndDeletesOneByOne_AreJudgedAlike()
    {
        var harness = new PushHarness();
        harness.Share([.. Enumerable.Range(1, 9).Select(static id => ((long)id, $"n{id}"))]);
        harness.Update(1, "bad");
        harness.Update(2, "two");
        harness.Delete(3);
        harness.Delete(4);
        harness.Server.Refuse = static row => (string?)row["name"] == "bad" ? "P0003" : null;
        harness.Server.Double.Responder = static request => request.Method == "DELETE" && request.Query.Contains("id=eq.3&", StringComparison.Ordinal)
            ? ScriptedResponse.Error(HttpStatusCode.InternalServerError, "P0003")
            : null;

        Assert.Equal(SyncOutcome.Completed, await harness.RunAsync());

        Assert.Equal(["""{"id":1}""", """{"id":3}"""], (await harness.ListAsync(ChangeState.Quarantined)).Select(static change => change.Key).Order());
        Assert.Equal(("two", null), (harness.Server.NameOf(2), harness.Server.NameOf(4)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_ValuesMoveOnFromRowToRow_AllArriveInOneRun(bool kit)
    {
        var harness = new PushHarness(kit);
        harness.Share([.. Enumerable.Range(1, 50).Select(static id => ((long)id, $"p{id}"))]);
        for (var id = 1; id <= 50; id++)
        {
            harness.Update(id, $"p{id + 1}");
        }

        harness.Server.Table.AddUnique("items_name_key", "name");

        Assert.Equal(SyncOutcome.Completed, await harness.RunAsync());

        Assert.Empty(await harness.ListAsync());
        Assert.Equal("p51", harness.Server.NameOf(50));

        // Each once and, but for the last, once more.
        Assert.InRange(harness.Server.Calls.Count, 1, kit ? 4 : 100);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_ValueIsFreedByADelete_TheNewRowArrivesInOneRun(bool kit)
    {
        var harness = new PushHarness(kit);
        harness.Share((1, "n1"), (2, "n2"));
        harness.Delete(1);
        harness.Insert(3, "n1");
        harness.Insert(4, "free");
        harness.Server.Table.AddUnique("items_name_key", "name");

        Assert.Equal(SyncOutcome.Completed, await harness.RunAsync());

        Assert.Empty(await harness.ListAsync());
        Assert.Equal((null, "n1", "free"), (harness.Server.NameOf(1), harness.Server.NameOf(3), harness.Server.NameOf(4)));
    }

    [Fact]
    public async Task Run_ManyWaitForAValueThatNobodyGivesUp_StopsWithoutLookingForEach()
    {
        var harness = new PushHarness();
        harness.InsertMany(1_000);
        harness.Server.Refuse = static _ => "23505";

        Assert.Equal(SyncOutcome.QuarantineFull, await harness.RunAsync());

        Assert.InRange(harness.Server.Calls.Count, 1, 250);
        var changes = await harness.ListAsync();
        Assert.Equal(1_000, changes.Count);
        Assert.InRange(changes.Count(static change => change.State == ChangeState.Quarantined), 20, 100);
        Assert.DoesNotContain(changes, static change => change.State == ChangeState.InFlight);
    }
}
