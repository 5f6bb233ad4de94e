using Agent.Sync.Pull;
using Agent.Sync.Testing;
using Agent.Sync.Tests.Fakes;

namespace Agent.Sync.Tests.Pull;

/// <summary>A store that found its recording gone: local rows are compared before anything else is pulled.</summary>
public sealed class UnrecordedEditsTests
{
    private readonly PullHarness _pull = new() { UsesKit = true };

    public UnrecordedEditsTests()
    {
        _pull.Server.Table.EnableKit();
        for (var id = 1; id <= 10; id++)
        {
            _pull.Server.Write(id, "n", ago: TimeSpan.FromHours(1));
        }
    }

    private InMemoryTransactionalStore Store => (InMemoryTransactionalStore)_pull.Local;

    [Fact]
    public async Task RunAsync_EditsWereNotRecorded_FindsThemAndPullsTheRest()
    {
        await _pull.RunAsync();
        EditUnrecorded();
        _pull.Server.Delete(8);

        var result = await _pull.RunAsync();

        Assert.Equal(SyncOutcome.Completed, result.Outcome);
        await AssertFoundAsync();
        Assert.Null(Store.FindRow("items", "8"));
        Assert.Null((await _pull.ReadStateAsync())!.Reconciles);
    }

    [Fact]
    public async Task RunAsync_ARowIsGoneAndANewOneIsThere_KeepsAndNamesWhatMayBeTheSameRowUnderAnotherKey()
    {
        await _pull.RunAsync();
        EditUnrecorded();
        _pull.Server.Write(11, "new on the server");
        _pull.Server.Delete(8);

        await _pull.RunAsync();

        Assert.NotNull(Store.FindRow("items", "11"));
        Assert.NotNull(Store.FindRow("items", "8"));
        var kept = Assert.Single(
            await Store.ListChangesAsync(_pull.Dataset, ChangeState.Quarantined, 0, 100, TestContext.Current.CancellationToken));
        Assert.Equal((ChangeKind.Insert, ChangeCodes.Unrecorded), (kept.Kind, kept.Code));
    }

    [Fact]
    public async Task RunAsync_InterruptedAtEachRequestInTurn_GoesOnLooking()
    {
        await _pull.RunAsync();
        EditUnrecorded();
        var start = _pull.Server.Queries.Count;
        for (var failing = start; failing < start + 6; failing++)
        {
            var at = failing;
            _pull.Server.Fault = request => request == at ? Failures.Unreachable : null;
            await Record.ExceptionAsync(() => _pull.RunAsync());
        }

        _pull.Server.Fault = null;
        await _pull.RunAsync();

        await AssertFoundAsync();
    }

    [Fact]
    public async Task RunAsync_FullResyncWhileEditsWereNotRecorded_DoesNotOverwriteThem()
    {
        await _pull.RunAsync();
        EditUnrecorded();

        await _pull.RunAsync(new SyncRequest { FullResync = true });

        await AssertFoundAsync();
    }

    [Fact]
    public async Task RunAsync_OverlapGradeWithoutKit_FindsThemToo()
    {
        _pull.UsesKit = false;
        await _pull.RunAsync();
        EditUnrecorded();

        await _pull.RunAsync();

        await AssertFoundAsync();
    }

    [Fact]
    public void Rule_ByTheKitsSequence_KnowsRowsBelowTheSettledPositionOnly()
    {
        using var page = Page.Parse(_pull.Rows, "[{\"id\":1,\"name\":\"n\",\"updated_at\":\"2026-03-01T12:00:00+00:00\",\"sync_seq\":9007199254740992},{\"id\":2,\"name\":\"n\",\"updated_at\":\"2026-03-01T12:00:00+00:00\",\"sync_seq\":9007199254740993}]"u8);

        var rule = UnrecordedEdits.Rule(_pull.Rows, new("sync_seq", "9007199254740993"));

        Assert.True(rule.WasKnown(page, 0));
        Assert.False(rule.WasKnown(page, 1));
        Assert.False(UnrecordedEdits.Rule(_pull.Rows, new(null, null)).WasKnown(page, 0));
        Assert.False(UnrecordedEdits.Rule(_pull.Dataset, new("sync_seq", "9007199254740993")).WasKnown(page, 0));
    }

    private void EditUnrecorded()
    {
        var dataset = _pull.Rows;
        Store.StopRecording(dataset);
        Store.Update(dataset, "{\"name\":\"edited\"}", "2");
        Store.Delete(dataset, "5");
        Store.Insert(dataset, "{\"id\":77,\"name\":\"inserted\"}");
    }

    private async Task AssertFoundAsync()
    {
        var changes = await Store.ListChangesAsync(_pull.Dataset, null, 0, 10, CancellationToken.None);
        Assert.Equal(
            [ChangeKind.Update, ChangeKind.Delete, ChangeKind.Insert],
            changes.OrderBy(static change => change.Key, StringComparer.Ordinal).Select(static change => change.Kind));
        Assert.Contains("edited", Store.FindRow("items", "2"), StringComparison.Ordinal);
        Assert.Null(Store.FindRow("items", "5"));
        Assert.NotNull(Store.FindRow("items", "77"));
    }
}
