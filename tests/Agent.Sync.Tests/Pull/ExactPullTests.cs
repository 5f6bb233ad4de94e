using Agent.Sync.Kit;
using Agent.Sync.Tests.Fakes;

namespace Agent.Sync.Tests.Pull;

/// <summary>The exact grade against the double of the SQL kit.</summary>
public sealed class ExactPullTests
{
    private readonly PullHarness _pull = Exact();
    private readonly ItemServer _server;

    public ExactPullTests() => _server = _pull.Server;

    [Fact]
    public async Task RunAsync_FirstSyncAndDelta_BringsChangesAndDeletes()
    {
        Fill(20);
        var first = await _pull.RunAsync();
        AssertConverged();
        _server.Delete(3);
        _server.Write(4, "changed");
        _server.Write(30, "new");

        var second = await _pull.RunAsync();

        Assert.Equal(CompletenessGrade.Exact, first.Grade);
        Assert.Equal((2, 1), (second.Applied, second.Deleted));
        AssertConverged();
        Assert.Equal(0, (await _pull.RunAsync()).Applied);
    }

    [Fact]
    public async Task RunAsync_LateCommit_ArrivesWithoutAnyLag()
    {
        Fill(5);
        await _pull.RunAsync();
        var late = _server.Begin();
        late.Write(100, "late");
        _server.Write(1, "above the horizon");
        Assert.Equal(1, (await _pull.RunAsync()).Applied);
        late.Commit();

        var result = await _pull.RunAsync();

        Assert.Equal(1, result.Applied);
        AssertConverged();
    }

    [Fact]
    public async Task RunAsync_LateDelete_ArrivesToo()
    {
        Fill(5);
        await _pull.RunAsync();
        var late = _server.Begin();
        late.Delete(2);
        _server.Delete(3);
        Assert.Equal(1, (await _pull.RunAsync()).Deleted);
        late.Commit();

        Assert.Equal(1, (await _pull.RunAsync()).Deleted);
        AssertConverged();
    }

    [Fact]
    public async Task RunAsync_OlderTransactionWritesARowLast_ItsVersionStays()
    {
        Fill(5);
        await _pull.RunAsync();
        var older = _server.Begin();
        _server.Write(2, "first");
        await _pull.RunAsync();
        older.Write(2, "last");
        older.Commit();

        await _pull.RunAsync();

        AssertConverged();
    }

    [Fact]
    public async Task RunAsync_HeldHorizon_DeliversEverythingCommittedInEveryRunAndKeepsThePosition()
    {
        Fill(5);
        await _pull.RunAsync();
        var held = _server.Double.Horizon;
        var idle = _server.Begin();
        _pull.Time.Advance(TimeSpan.FromMinutes(30));
        Fill(40, first: 200);

        var first = await _pull.RunAsync();
        var second = await _pull.RunAsync();

        Assert.Equal(40, first.Applied);
        Assert.Equal((0, 40), (second.Applied, second.Unchanged));
        Assert.False(first.HasMore);
        Assert.Equal(Items.Noon, first.HorizonHeldSince);
        Assert.Equal(CursorPosition.AtOrAfter(CursorNumber.FormatInteger(held)), (await _pull.ReadStateAsync())!.SafePosition);
        Assert.Contains(_pull.Log.Lines, static line => line.StartsWith("2010 ", StringComparison.Ordinal) && line.Contains("1800 s", StringComparison.Ordinal));

        idle.Rollback();
        var after = await _pull.RunAsync();
        Assert.Null(after.HorizonHeldSince);
        Assert.Equal(0, (await _pull.RunAsync()).Unchanged);
        AssertConverged();
    }

    [Fact]
    public async Task RunAsync_RowsFarAboveTheNextId_OnePageComesAndTheRestIsTold()
    {
        Fill(2);
        await _pull.RunAsync();
        var before = _server.Queries.Count;

        // Written once the horizon is known.
        _server.BeforePage = request =>
        {
            if (request == before)
            {
                PassOver(1_100);
                Fill(12, first: 300);
            }
        };

        var result = await _pull.RunAsync();
        _server.BeforePage = null;

        Assert.Equal(3, result.Applied);
        Assert.True(result.HasMore);
        await _pull.RunAsync();
        AssertConverged();
    }

    [Fact]
    public async Task RunAsync_OlderTransactionWroteManyRowsLast_AllComeThoughNoIdFollows()
    {
        Fill(20);
        await _pull.RunAsync();
        var older = _server.Begin();
        var younger = _server.Begin();
        for (var id = 1; id <= 20; id++)
        {
            younger.Write(id, "first");
            older.Write(id, "last");
        }

        younger.Commit();
        older.Commit();
        var result = await _pull.RunAsync();

        Assert.Equal(20, result.Applied);
        Assert.False(result.HasMore);
        AssertConverged();
    }

    [Fact]
    public async Task RunAsync_WrittenDuringTheBackfill_ArrivesInTheSameRun()
    {
        Fill(20);
        _server.BeforePage = request =>
        {
            if (request == 4)
            {
                Fill(12, first: -20);
                _server.Delete(1);
                _server.Write(2, "changed behind the backfill");
            }
        };

        await _pull.RunAsync();

        AssertConverged();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RunAsync_FailingAtEachRequestInTurn_ResumesToTheSameTable(bool together)
    {
        for (var failing = 0; failing < 16; failing++)
        {
            var pull = Exact(together);
            var server = pull.Server;
            for (var id = 1; id <= 20; id++)
            {
                server.Write(id, "n");
            }

            var at = failing;
            server.BeforePage = request =>
            {
                if (request == 3)
                {
                    server.Delete(1);
                    server.Write(2, "changed");
                }
            };
            server.Fault = request => request == at ? Failures.Unreachable : null;
            if (await Record.ExceptionAsync(() => pull.RunAsync()) is not null)
            {
                server.Delete(5);
                await pull.RunAsync();
            }

            Assert.Equal(pull.ServerRows, pull.LocalRows);
        }
    }

    [Fact]
    public async Task RunAsync_OtherEpochRewoundHorizonOrPurgedTombstones_AsksForAResyncThatHeals()
    {
        Action[] breakages = [_server.Table.Clear, Rewind, Purge];
        ResyncReason[] reasons = [ResyncReason.EpochChanged, ResyncReason.EpochChanged, ResyncReason.TombstonesPurged];
        for (var kind = 0; kind < breakages.Length; kind++)
        {
            Fill(10);
            await _pull.RunAsync(new SyncRequest { FullResync = true, AllowMassDelete = true });
            AssertConverged();
            var old = _pull.LocalRows;
            breakages[kind]();

            var stopped = await _pull.RunAsync();

            Assert.Equal((SyncOutcome.ResyncRequired, reasons[kind]), (stopped.Outcome, stopped.ResyncReason));
            Assert.Equal(old, _pull.LocalRows);
            await _pull.RunAsync(new SyncRequest { FullResync = true, AllowMassDelete = true });
            AssertConverged();
            _pull.KitSays = null;
        }

        void Rewind() => _pull.KitSays = static kit => (kit["horizon"], kit["next"]) = ("50", "50");

        void Purge()
        {
            PassOver(1);
            _server.Table.PruneTombstones();
        }
    }

    [Fact]
    public async Task RunAsync_PoliciesChangedSinceTheyWereCopied_PromisesOverlapAndSaysWhy()
    {
        Fill(3);
        _pull.KitSays = static kit => kit["tables"]!["public.items"]!["policies_changed"] = true;

        var result = await _pull.RunAsync();

        Assert.Equal(CompletenessGrade.Overlap, result.Grade);
        Assert.Contains(_pull.Log.Lines, static line => line.StartsWith("2011 ", StringComparison.Ordinal) && line.Contains("agent_sync.enable('public.items')", StringComparison.Ordinal));
        Assert.Equal(CompletenessGrade.Exact, (await _pull.ReadStateAsync())!.Grade);
        AssertConverged();
    }

    [Fact]
    public async Task RunAsync_HistoryReplacedDuringTheBackfill_StopsBeforeTheDelta()
    {
        Fill(10);
        _server.BeforePage = request =>
        {
            if (request == 2)
            {
                _server.Table.ChangeEpoch();
            }
        };

        var result = await _pull.RunAsync();

        Assert.Equal((SyncOutcome.ResyncRequired, ResyncReason.EpochChanged), (result.Outcome, result.ResyncReason));
    }

    [Fact]
    public async Task RunAsync_KitComesAndGoes_ReadsEverythingAgainOverTheOldRows()
    {
        _pull.UsesKit = false;
        _server.Write(1, "n");
        var overlap = await _pull.RunAsync();
        _pull.UsesKit = true;
        _server.Write(2, "n");
        var exact = await _pull.RunAsync();
        var inExact = _pull.LocalRows;
        _pull.Time.Advance(TimeSpan.FromSeconds(1));
        _pull.UsesKit = false;
        _server.Write(1, "later");
        _server.Delete(2);
        var again = await _pull.RunAsync(new SyncRequest { AllowMassDelete = true });

        Assert.Equal(
            [CompletenessGrade.Overlap, CompletenessGrade.Exact, CompletenessGrade.Overlap], [overlap.Grade, exact.Grade, again.Grade]);
        Assert.All([overlap, exact, again], static result => Assert.Equal(SyncOutcome.Completed, result.Outcome));
        Assert.Equal(2, inExact.Count);
        Assert.Equal(1, again.Deleted);
        Assert.Equal(2, _pull.Log.Lines.Count(static line => line.StartsWith("2009 ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task RunAsync_TombstonesNotAsTheKitLeftThem_NamesTheCallThatMendsThem()
    {
        _pull.Dataset = Items.Define().Where("owner", FilterOperator.Equal, "canary").Build();
        _server.Table.AddColumn("owner", ColumnType.Text);
        _pull.Transport = new ScriptedTransport((query, _, token) => query.Dataset.Schema == HorizonCall.Schema
            ? throw new SyncSchemaException(SyncErrorKind.RemoteSchema, "no such column", "items", "42703")
            : _server.GetPageAsync(query, token));

        var exception = await Assert.ThrowsAsync<SyncSchemaException>(() => _pull.RunAsync());

        Assert.Equal((SyncErrorKind.SqlKit, "42703"), (exception.Kind, exception.Code));
        Assert.Contains("agent_sync.enable('public.items', filter_columns => '{owner}')", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_FilterThatTheKitDoesNotFollow_ReadsTombstonesWithoutItAndPromisesOverlap()
    {
        _pull.Dataset = Items.Define().Where("owner", FilterOperator.Equal, "canary").Where("id", FilterOperator.GreaterThan, "0").Build();
        _server.Table.AddColumn("owner", ColumnType.Text);
        Fill(5);
        for (var id = 1; id <= 5; id++)
        {
            _server.Table.Update("{\"owner\":\"canary\"}", ItemServer.Text(id));
        }

        await _pull.RunAsync();
        _server.Delete(2);

        var result = await _pull.RunAsync();

        Assert.Equal((CompletenessGrade.Overlap, 1L), (result.Grade, result.Deleted));
        Assert.Equal("id", Assert.Single(_server.Queries[^1].Dataset.Filters).Column);
        Assert.Contains(_pull.Log.Lines, static line => line.StartsWith("2012 ", StringComparison.Ordinal) && line.Contains("filter_columns => '{owner,id}'", StringComparison.Ordinal));
        Assert.DoesNotContain(_pull.Log.Lines, static line => line.Contains("canary", StringComparison.Ordinal));
    }

    [Fact]
    public async Task RunAsync_OverlappingTransactionsFaultsAndKills_ConvergeForEverySeed()
    {
        for (var seed = 1; seed <= 150; seed++)
        {
            var random = new Random(seed);
            var pull = Exact(together: seed % 2 == 0);
            var server = pull.Server;
            pull.Options.PageSize = random.Next(1, 8);
            List<ItemTransaction> open = [];
            server.BeforePage = _ => Write(random, server, open);
            server.Fault = _ => random.Next(12) == 0 ? Failures.Unreachable : null;
            for (var round = 0; round < 12; round++)
            {
                await Record.ExceptionAsync(() => pull.RunAsync());
                Write(random, server, open);
            }

            open.ForEach(static transaction => transaction.Commit());
            server.BeforePage = null;
            server.Fault = null;
            for (var last = await pull.RunAsync(); last.HasMore;)
            {
                last = await pull.RunAsync();
            }

            Assert.Equal(pull.ServerRows, pull.LocalRows);
            Assert.Equal(server.Double.ServerTime, (await pull.ReadStateAsync())!.SafeAt);
        }
    }

    private static void Write(Random random, ItemServer server, List<ItemTransaction> open)
    {
        for (var steps = random.Next(4); steps > 0; steps--)
        {
            if (open.Count < 3 && random.Next(3) == 0)
            {
                open.Add(server.Begin());
            }

            if (open.Count == 0)
            {
                continue;
            }

            var transaction = open[random.Next(open.Count)];
            var id = random.Next(1, 40);
            switch (random.Next(6))
            {
                case 0:
                    transaction.Commit();
                    open.Remove(transaction);
                    break;
                case 1 when random.Next(4) == 0:
                    transaction.Rollback();
                    open.Remove(transaction);
                    break;
                case 1 or 2:
                    transaction.Delete(id);
                    break;
                default:
                    transaction.Write(id, $"n{random.Next()}");
                    break;
            }
        }
    }

    private void Fill(int rows, long first = 1)
    {
        for (var id = first; id < first + rows; id++)
        {
            _server.Write(id, "n");
        }
    }

    /// <summary>Gives ids to transactions of other tables.</summary>
    private void PassOver(int transactions)
    {
        for (; transactions > 0; transactions--)
        {
            _server.Begin().Rollback();
        }
    }

    private static PullHarness Exact(bool together = true)
    {
        var pull = new PullHarness(together) { UsesKit = true };
        pull.Server.Table.EnableKit();
        return pull;
    }

    private void AssertConverged() => Assert.Equal(_pull.ServerRows, _pull.LocalRows);
}
