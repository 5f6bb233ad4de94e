using Agent.Sync.Stores;

namespace Agent.Sync.Sqlite.Tests.Applying;

public sealed class GenerationTests : StoreTest
{
    private static readonly Dataset Removing = SampleDatasets.Of("notes", "body").DeletedAt("deleted_at").Build();

    [Fact]
    public async Task Apply_EqualVersionInAResync_IsWrittenAgain()
    {
        await StartAsync(Notes, Note(1, "a"));

        var result = await ApplyAsync(Store, Notes, 1, Note(1, "b"));

        Assert.Equal((new ApplyResult(1, 0, 0), "b"), (result, BodyOf(1)));
    }

    [Fact]
    public async Task Apply_LowerVersionInAResync_IsWritten()
    {
        var versioned = SampleDatasets.Of("notes", "body").Version("version").Build();
        await StartAsync(versioned, Row(2, "old"));

        var result = await ApplyAsync(Store, versioned, 1, Row(1, "made anew"));

        Assert.Equal((new ApplyResult(1, 0, 0), "made anew"), (result, BodyOf(1)));

        static string Row(int version, string body) =>
            $$"""{"id":1,"body":"{{body}}","updated_at":"2026-01-01T00:00:00+00:00","version":{{version}}}""";
    }

    [Fact]
    public async Task Apply_FallenCursorInAResync_IsWritten()
    {
        await StartAsync(Notes, Note(1, "before", "2026-02-01T00:00:00+00:00"));

        var result = await ApplyAsync(Store, Notes, 1, Note(1, "after"));

        Assert.Equal((new ApplyResult(1, 0, 0), "after"), (result, BodyOf(1)));
    }

    [Fact]
    public async Task Swap_AfterAResync_RemovesWhatItDidNotBring()
    {
        await StartAsync(Notes, Note(1, "a"), Note(2, "b"), Note(3, "c"), Note(4, "d"));
        await ApplyAsync(Store, Notes, 1, Note(1, "a"), Note(2, "b"));
        await ApplyAsync(Store, Notes, 1, Note(4, "d"));

        var result = await SwapAsync(1);

        Assert.Equal(new SwapResult(false, 1, 4), result);
        Assert.Equal(3, CountNotes());
        Assert.Null(BodyOf(3));
    }

    [Fact]
    public async Task Swap_AboveTheShare_RefusesAndChangesNothing()
    {
        await StartAsync(Notes, Note(1, "a"), Note(2, "b"), Note(3, "c"));
        await ApplyAsync(Store, Notes, 1, Note(1, "a"));

        Assert.Equal(new SwapResult(true, 2, 3), await SwapAsync(1));
        Assert.Equal(3, CountNotes());
        Assert.Equal(new SwapResult(false, 2, 3), await SwapAsync(1, maxRemovedShare: 1));
        Assert.Equal(1, CountNotes());
    }

    [Fact]
    public async Task Swap_ExactlyTheShare_IsAllowed()
    {
        await StartAsync(Notes, Note(1, "a"), Note(2, "b"));
        await ApplyAsync(Store, Notes, 1, Note(1, "a"));

        Assert.Equal(new SwapResult(false, 1, 2), await SwapAsync(1, maxRemovedShare: 0.5));
    }

    [Fact]
    public async Task Swap_NothingSeen_RefusesUnlessTheGuardIsOff()
    {
        await StartAsync(Notes, Note(1, "a"));

        Assert.Equal(new SwapResult(true, 1, 1), await SwapAsync(1, maxRemovedShare: 0.999));
        Assert.Equal(1, CountNotes());
        Assert.Equal(new SwapResult(false, 1, 1), await SwapAsync(1, maxRemovedShare: 1));
        Assert.Equal(0, CountNotes());
    }

    [Fact]
    public async Task Swap_EmptyOnBothSides_IsDone()
    {
        await StartAsync(Notes);

        Assert.Equal(new SwapResult(false, 0, 0), await SwapAsync(1));
    }

    [Fact]
    public async Task Apply_NewGeneration_ForgetsWhatTheAbandonedOneSaw()
    {
        await StartAsync(Notes, Note(1, "a"), Note(2, "b"), Note(3, "c"));
        await ApplyAsync(Store, Notes, 1, Note(1, "a"));
        await ApplyAsync(Store, Notes, 2, Note(2, "b"), Note(3, "c"));

        Assert.Equal(new SwapResult(false, 1, 3), await SwapAsync(2));
        Assert.Null(BodyOf(1));
    }

    [Fact]
    public async Task Swap_Again_RemovesNothingMore()
    {
        await StartAsync(Notes, Note(1, "a"), Note(2, "b"));
        await ApplyAsync(Store, Notes, 1, Note(1, "a"));
        await SwapAsync(1, maxRemovedShare: 1);
        await ApplyAsync(Store, Notes, 1, Note(2, "late", "2026-05-01T00:00:00+00:00"));

        Assert.Equal(new SwapResult(false, 0, 2), await SwapAsync(1, maxRemovedShare: 1));
        Assert.Equal(2, CountNotes());
    }

    [Fact]
    public async Task Swap_SeenBeforeTheStoreWasReopened_IsRemembered()
    {
        await StartAsync(Notes, Note(1, "a"), Note(2, "b"));
        await ApplyAsync(Store, Notes, 1, Note(1, "a"));
        Store.Dispose();
        Execute("VACUUM");
        using var reopened = OpenStore();

        var result = await reopened.SwapGenerationAsync(new GenerationSwap(Notes, 1, 0.5, null), Token);

        Assert.Equal(new SwapResult(false, 1, 2), result);
        Assert.Equal("a", BodyOf(1));
    }

    [Fact]
    public async Task Swap_CompositeUuidKeyOfTheAppsTable_FindsItsRows()
    {
        Execute("CREATE TABLE parts (tenant UUID NOT NULL, id BIGINT NOT NULL, updated_at DATETIME, UNIQUE (id, tenant))");
        var dataset = Dataset.Define("parts").Key("tenant", ColumnType.Uuid).Key("id", ColumnType.Integer).UpdatedAt("updated_at").Build();
        const string First = """{"tenant":"0b6e0a3c-58a6-4f6e-9d4c-1e7f5f0a9b01","id":1,"updated_at":"2026-01-01T00:00:00+00:00"}""";
        const string Second = """{"tenant":"0b6e0a3c-58a6-4f6e-9d4c-1e7f5f0a9b01","id":2,"updated_at":"2026-01-01T00:00:00+00:00"}""";
        await StartAsync(dataset, First, Second);
        await ApplyAsync(Store, dataset, 1, Second);

        var result = await Store.SwapGenerationAsync(new GenerationSwap(dataset, 1, 0.5, null), Token);

        Assert.Equal(new SwapResult(false, 1, 2), result);
        Assert.Equal(2L, Scalar("SELECT id FROM parts"));
    }

    [Fact]
    public async Task Apply_DeletedRowInAResync_IsNotSeen()
    {
        await StartAsync(Removing);
        await ApplyAsync(Store, Removing, 1, """{"id":1,"body":"b","updated_at":"2026-01-01T00:00:00+00:00","deleted_at":"2026-01-01T00:00:00+00:00"}""");
        Execute("INSERT INTO notes (id, body) VALUES (1, 'made locally'); DELETE FROM agent_sync_outbox_notes");

        Assert.True((await SwapAsync(1, dataset: Removing)).Refused);
    }

    [Fact]
    public async Task Swap_WithCheckpoint_WritesBothOrNeither()
    {
        await StartAsync(Notes, Note(1, "a"), Note(2, "b"));
        var fence = await LeaseAsync(Notes);
        var slot = CheckpointId.For(Notes);
        await ApplyAsync(Store, Notes, 1, Note(1, "a"));

        var stale = new GenerationSwap(Notes, 1, 0.5, new CheckpointWrite(slot, new byte[] { 1 }, 7, fence));
        await Assert.ThrowsAsync<SyncStoreException>(async () => await Store.SwapGenerationAsync(stale, Token));
        Assert.Equal(2, CountNotes());

        await Store.SwapGenerationAsync(stale with { Checkpoint = new CheckpointWrite(slot, new byte[] { 1 }, 0, fence) }, Token);
        Assert.Equal(1, CountNotes());
        Assert.Equal(1, (await Store.ReadAsync(slot, Token))?.Revision);
    }

    [Fact]
    public async Task Swap_Refused_LeavesTheCheckpoint()
    {
        await StartAsync(Notes, Note(1, "a"));
        var fence = await LeaseAsync(Notes);
        var slot = CheckpointId.For(Notes);

        var result = await Store.SwapGenerationAsync(new GenerationSwap(Notes, 1, 0.5, new CheckpointWrite(slot, new byte[] { 1 }, 0, fence)), Token);

        Assert.True(result.Refused);
        Assert.Null(await Store.ReadAsync(slot, Token));
    }

    private async Task<SwapResult> SwapAsync(long generation, double maxRemovedShare = 0.5, Dataset? dataset = null) =>
        await Store.SwapGenerationAsync(new GenerationSwap(dataset ?? Notes, generation, maxRemovedShare, null), Token);
}
