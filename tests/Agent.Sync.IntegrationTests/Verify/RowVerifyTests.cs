using Agent.Sync.IntegrationTests.Backends;

namespace Agent.Sync.IntegrationTests.Verify;

/// <summary>A verify on PostgreSQL, with the SQL kit and without it, for keys of every type.</summary>
public sealed class RowVerifyTests(BackendFixture backends)
{
    private const int Rows = 120;

    private Guid _team;
    private Backend? _backend;
    private bool _hasKit;

    public static TheoryData<string, bool> Keys => VerifyTables.Keys;

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task VerifyAsync_NothingDiffers_IsClean(string key, bool kit)
    {
        await using var scene = await OpenAsync(key, kit);

        var versions = await scene.VerifyAsync();
        var values = await scene.VerifyAsync(with: static options => options with { CompareValues = true });

        Assert.Equal((true, (long)Rows, kit), (versions.IsClean, versions.Compared, versions.Buckets > 0));
        Assert.True(values.IsClean, values.ToString());
        Assert.Empty(values.ColumnsLeftOut);
        Assert.Equal(kit ? CompletenessGrade.Exact : CompletenessGrade.Overlap, versions.Grade);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task VerifyAsync_FileTampered_FindsAndRepairsEveryKind(string key, bool kit)
    {
        await using var scene = await OpenAsync(key, kit);
        var table = scene.Dataset.LocalTable;
        await scene.TamperAsync(
            $"""
            delete from {table} where label in ('row 1', 'row {Rows}', 'row 50');
            update {table} set updated_at = '2020-01-01 00:00:00+00:00'{(kit ? ", sync_seq = 7" : "")} where label in ('row 2', 'row 60');
            update {table} set label = 'tampered' where label = 'row 30';
            {CopyRow(scene.Dataset, "row 40")}
            """);

        var report = await scene.VerifyAsync();
        Assert.Equal((3L, 2L, 1L, 0L), (report.Missing, report.Stale, report.Extra, report.Newer));
        var values = await scene.VerifyAsync(with: static options => options with { CompareValues = true });
        Assert.Equal((3L, 3L, 1L), (values.Missing, values.Stale, values.Extra));

        var repair = await scene.VerifyAsync(repair: true, static options => options with { CompareValues = true });

        Assert.Equal((3L, 3L, 1L, 6L, 1L), (repair.Missing, repair.Stale, repair.Extra, repair.Restored, repair.Removed));
        await scene.AssertEqualAsync();
        Assert.True((await scene.VerifyAsync(with: static options => options with { CompareValues = true })).IsClean);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task VerifyAsync_AllRowsLost_AreRestored(string key, bool kit)
    {
        await using var scene = await OpenAsync(key, kit);
        await scene.TamperAsync($"delete from {scene.Dataset.LocalTable}");

        var result = await scene.VerifyAsync(repair: true);

        Assert.Equal(((long)Rows, (long)Rows), (result.Missing, result.Restored));
        await scene.AssertEqualAsync();
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task VerifyAsync_MembershipComesAndGoes_ShowsAndHidesRowsThatDidNotChange(string key, bool kit)
    {
        await using var scene = await OpenAsync(key, kit);
        var second = Guid.NewGuid();
        await _backend!.SqlAsync(VerifyTables.Insert(key, second, 1, 40));
        await scene.SyncAsync();
        await JoinAsync(second, scene.User);
        Assert.Equal(0L, (await scene.SyncAsync()).Applied);

        var shown = await scene.VerifyAsync(repair: true);
        Assert.Equal((40L, 0L, 0L, 40L), (shown.Missing, shown.Stale, shown.Extra, shown.Restored));
        await scene.AssertEqualAsync();

        await _backend.SqlAsync($"delete from public.verify_members where team = '{second}'");
        var hidden = await scene.VerifyAsync(repair: true);

        Assert.Equal((0L, 0L, 40L, 40L), (hidden.Missing, hidden.Stale, hidden.Extra, hidden.Removed));
        await scene.AssertEqualAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task VerifyAsync_AllMembershipRevoked_RemovesNothing(bool kit)
    {
        await using var scene = await OpenAsync("uuid", kit);
        await _backend!.SqlAsync($"delete from public.verify_members where team = '{_team}'");

        var report = await scene.VerifyAsync();
        var refused = await scene.VerifyAsync(repair: true);
        Assert.Equal((VerifyOutcome.Completed, (long)Rows), (report.Outcome, report.Extra));
        Assert.Equal((VerifyOutcome.MassDeleteRefused, 0L, (long)Rows), (refused.Outcome, refused.Removed, await scene.Device.CountAsync()));

        var allowed = await scene.VerifyAsync(repair: true, static options => options with { AllowMassDelete = true });

        Assert.Equal((VerifyOutcome.Completed, (long)Rows), (allowed.Outcome, allowed.Removed));
        Assert.Equal(0L, await scene.Device.CountAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task VerifyAsync_ServerChangedSinceTheSync_IsNoFault(bool kit)
    {
        await using var scene = await OpenAsync("text", kit);
        await _backend!.SqlAsync(
            $"update public.verify_text set label = 'changed', updated_at = now() where team = '{_team}' and label in ('row 3', 'row 4'); {VerifyTables.Insert("text", _team, Rows + 1, 5, "now()")} delete from public.verify_text where team = '{_team}' and label = 'row 9';");

        var report = await scene.VerifyAsync();
        var repair = await scene.VerifyAsync(repair: true);

        // Without the kit nothing says that the row was deleted since.
        Assert.Equal((0L, 0L, kit ? 0L : 1L, kit ? 8L : 7L), (report.Missing, report.Stale, report.Extra, report.Newer));
        Assert.Equal((7L, 1L), (repair.Restored, repair.Removed));
        await scene.AssertEqualAsync();
    }

    [Fact]
    public async Task VerifyAsync_RowOfAWrongClock_IsMissingToAnOverlapSync()
    {
        await using var scene = await OpenAsync("int", kit: false);
        await _backend!.SqlAsync(VerifyTables.Insert("int", _team, Rows + 1, 1, "now() - interval '3 days'"));
        Assert.Equal(0L, (await scene.SyncAsync()).Applied);

        var result = await scene.VerifyAsync(repair: true);

        Assert.Equal((1L, 1L), (result.Missing, result.Restored));
        await scene.AssertEqualAsync();
    }

    [Fact]
    public async Task VerifyAsync_RowWithoutATime_IsNamed()
    {
        await using var scene = await OpenAsync("uuid", kit: false);
        await _backend!.SqlAsync(VerifyTables.Insert("uuid", _team, Rows + 1, 2, "null"));

        var result = await scene.VerifyAsync(repair: true);

        Assert.Equal((2L, 0L, false), (result.WithoutPosition, result.Missing, result.IsClean));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task VerifyAsync_LocalEdits_KeepTheirValues(bool kit)
    {
        await using var scene = await OpenAsync("uuid", kit);
        await scene.EditAsync(
            $"""
            update verify_uuid set label = 'edited' where label = 'row 5';
            delete from verify_uuid where label = 'row 6';
            insert into verify_uuid (id, label) values ('{Guid.NewGuid().ToString().ToUpperInvariant()}', 'inserted');
            """);
        await scene.TamperAsync("update verify_uuid set updated_at = '2020-01-01 00:00:00+00:00' where label = 'edited'");

        var result = await scene.VerifyAsync(repair: true, static options => options with { CompareValues = true });

        Assert.Equal((0L, 0L, 0L), (result.Missing, result.Stale, result.Extra));
        Assert.Equal((long)Rows, await scene.Device.CountAsync());
        Assert.Equal(2L, await Devices.LocalRows.ScalarAsync(scene.Device.DatabasePath, "select count(*) from verify_uuid where label in ('edited', 'inserted')"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task VerifyAsync_BudgetOfOneRequestAtATime_ResumesToTheSameEnd(bool kit)
    {
        await using var scene = await OpenAsync("text", kit, 1_150);
        await scene.TamperAsync($"delete from verify_text where label like 'row 7%'; {CopyRow(scene.Dataset, "row 40")}");
        VerifyResult result;
        var calls = 0;
        do
        {
            result = await scene.VerifyAsync(repair: true, static options => options with { MaxRequests = 1 });
            Assert.InRange(++calls, 1, 40);
        }
        while (result.Outcome == VerifyOutcome.BudgetReached);

        Assert.Equal((VerifyOutcome.Completed, 111L, 1L), (result.Outcome, result.Missing, result.Extra));
        Assert.InRange(calls, 2, 40);
        await scene.AssertEqualAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task VerifyAsync_CancelledAtAnyPage_GoesOnAndEndsTheSame(bool kit)
    {
        await using var scene = await OpenAsync("pair", kit, 1_150);
        await scene.TamperAsync($"delete from verify_pair where label like 'row 7%'; {CopyRow(scene.Dataset, "row 40")}");
        for (var page = 1; page < 20; page++)
        {
            using var stop = new CancellationTokenSource();
            var left = page;
            var progress = new InlineProgress(() =>
            {
                if (--left == 0)
                {
                    stop.Cancel();
                }
            });
            try
            {
                await scene.VerifyAsync(repair: true, cancellationToken: stop.Token, progress: progress);
                break;
            }
            catch (OperationCanceledException)
            {
            }
        }

        await scene.AssertEqualAsync();
        Assert.True((await scene.VerifyAsync()).IsClean);
    }

    private string CopyRow(Dataset dataset, string label)
    {
        // The column is there where the kit is.
        var sequence = _hasKit ? ", sync_seq" : string.Empty;
        var columns = dataset.Columns.Select(static column => column.Name).ToList();
        var values = columns.Select(column => column switch
        {
            "id" when dataset.Columns[0].Type == ColumnType.Uuid => "'FFFFFFFF-0000-4000-8000-000000000001'",
            "id" when dataset.Columns[0].Type == ColumnType.Text => "'an extra key'",
            "id" => "id + 77000",
            "label" => "'extra'",
            _ => column,
        });
        return $"insert into {dataset.LocalTable} ({string.Join(", ", columns)}{sequence}) select {string.Join(", ", values)}{sequence} from {dataset.LocalTable} where label = '{label}'";
    }

    private async Task<VerifyScene> OpenAsync(string key, bool kit, int rows = Rows)
    {
        _backend = await backends.GetAsync(kit);
        _backend.RequireSessions();
        _hasKit = kit;
        _team = Guid.NewGuid();
        var user = await _backend.SignUpAsync();
        await JoinAsync(_team, user);
        await _backend.SqlAsync(VerifyTables.Insert(key, _team, 1, rows));
        var scene = new VerifyScene(_backend, user, VerifyTables.Of(key));
        await scene.SyncAsync();
        return scene;
    }

    private async Task JoinAsync(Guid team, TestUser user) => await _backend!.SqlAsync($"insert into public.verify_members (team, member) values ('{team}', '{user.Id}')");

    private sealed class InlineProgress(Action report) : IProgress<VerifyProgress>
    {
        public void Report(VerifyProgress value) => report();
    }
}
