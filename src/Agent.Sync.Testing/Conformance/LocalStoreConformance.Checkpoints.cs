using Agent.Sync.Stores;
using Agent.Sync.Testing.Conformance;

#pragma warning disable CA1707 // The names of the cases read as sentences.
#pragma warning disable CS1591 // And so they are their own documentation.

namespace Agent.Sync.Testing;

public abstract partial class LocalStoreConformance
{
    private static CheckpointId Checkpoint => CheckpointId.For(Items);

    public async Task Checkpoint_OfABatch_GoesWithItsRows()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        if (store is not ICheckpointStore checkpoints)
        {
            return;
        }

        var fence = await TakeAsync(checkpoints, Alice, Noon).ConfigureAwait(false);
        using var page = PageOf(Items, Row("a", 1, "one"));
        await store.ApplyAsync(new ApplyBatch(Items, [page], Write("c1", 0, fence), null), CancellationToken.None).ConfigureAwait(false);

        await HoldsAsync(store, "a=one").ConfigureAwait(false);
        await HasCheckpointAsync(checkpoints, 1, "c1").ConfigureAwait(false);
        var again = (ICheckpointStore)await OpenAsync().ConfigureAwait(false);
        await HasCheckpointAsync(again, 1, "c1").ConfigureAwait(false);
    }

    public async Task Checkpoint_WithoutPages_MovesAlone()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        if (store is not ICheckpointStore checkpoints)
        {
            return;
        }

        var fence = await TakeAsync(checkpoints, Alice, Noon).ConfigureAwait(false);
        await store.ApplyAsync(new ApplyBatch(Items, [], Write("c1", 0, fence), null), CancellationToken.None).ConfigureAwait(false);
        await checkpoints.WriteAsync(Write("c2", 1, fence), CancellationToken.None).ConfigureAwait(false);
        await store.ApplyAsync(new ApplyBatch(Items, [], Write("c3", 2, fence), null), CancellationToken.None).ConfigureAwait(false);

        await HasCheckpointAsync(checkpoints, 3, "c3").ConfigureAwait(false);
    }

    public async Task Checkpoint_StaleFence_LeavesTheRowsOut()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        if (store is not ICheckpointStore checkpoints)
        {
            return;
        }

        var stale = await TakeAsync(checkpoints, Alice, Noon).ConfigureAwait(false);
        await TakeAsync(checkpoints, Bob, Noon.AddMinutes(1)).ConfigureAwait(false);
        using var page = PageOf(Items, Row("a", 1, "one"));

        await Expect.FailsAsync(
            SyncErrorKind.LeaseLost,
            async () => await store.ApplyAsync(new ApplyBatch(Items, [page], Write("c1", 0, stale), null), CancellationToken.None).ConfigureAwait(false),
            "an apply by a holder that was replaced").ConfigureAwait(false);

        await HoldsAsync(store).ConfigureAwait(false);
        await HasNoCheckpointAsync(checkpoints).ConfigureAwait(false);
    }

    public async Task Checkpoint_StaleRevision_LeavesTheRowsOut()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        if (store is not ICheckpointStore checkpoints)
        {
            return;
        }

        var fence = await TakeAsync(checkpoints, Alice, Noon).ConfigureAwait(false);
        await checkpoints.WriteAsync(Write("c1", 0, fence), CancellationToken.None).ConfigureAwait(false);
        using var page = PageOf(Items, Row("a", 1, "one"));

        await Expect.FailsAsync(
            SyncErrorKind.CheckpointConflict,
            async () => await store.ApplyAsync(new ApplyBatch(Items, [page], Write("late", 0, fence), null), CancellationToken.None).ConfigureAwait(false),
            "an apply on a stale revision").ConfigureAwait(false);

        await HoldsAsync(store).ConfigureAwait(false);
        await HasCheckpointAsync(checkpoints, 1, "c1").ConfigureAwait(false);
    }

    public async Task Checkpoint_BatchThatFailsHalfway_IsNotWritten()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        if (store is not ICheckpointStore checkpoints)
        {
            return;
        }

        var fence = await TakeAsync(checkpoints, Alice, Noon).ConfigureAwait(false);
        using var good = PageOf(Items, Row("a", 1, "one"));
        var broken = PageOf(Items, Row("b", 1, "two"));
        broken.Dispose();
        try
        {
            await store.ApplyAsync(new ApplyBatch(Items, [good, broken], Write("c1", 0, fence), null), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is ObjectDisposedException or SyncException)
        {
            // What it left is what counts.
        }

        await HoldsAsync(store).ConfigureAwait(false);
        await HasNoCheckpointAsync(checkpoints).ConfigureAwait(false);
    }

    public async Task Checkpoint_CancelledApply_GoesOrStaysWithTheRows()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        if (store is not ICheckpointStore checkpoints)
        {
            return;
        }

        var fence = await TakeAsync(checkpoints, Alice, Noon).ConfigureAwait(false);
        using var page = PageOf(Items, Row("a", 1, "one"));
        await Expect.MayBeCancelledAsync(async token => await store.ApplyAsync(new ApplyBatch(Items, [page], Write("c1", 0, fence), null), token).ConfigureAwait(false)).ConfigureAwait(false);

        var rows = await ReadRowsAsync(store, Items).ConfigureAwait(false);
        var checkpoint = await checkpoints.ReadAsync(Checkpoint, CancellationToken.None).ConfigureAwait(false);
        Expect.Equal(rows.Count == 1, checkpoint is not null, "whether the checkpoint went with the rows");
    }

    public async Task Checkpoint_OfASwap_GoesWithTheRemoval()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        if (store is not ICheckpointStore checkpoints)
        {
            return;
        }

        var fence = await TakeAsync(checkpoints, Alice, Noon).ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 1, "a"), Row("b", 1, "b")).ConfigureAwait(false);
        await ResyncAsync(store, 1, Row("a", 1, "a")).ConfigureAwait(false);

        await SwapAsync(store, 1, checkpoint: Write("c1", 0, fence)).ConfigureAwait(false);

        await HoldsAsync(store, "a=a").ConfigureAwait(false);
        await HasCheckpointAsync(checkpoints, 1, "c1").ConfigureAwait(false);
    }

    public async Task Checkpoint_OfARefusedSwap_IsNotWritten()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        if (store is not ICheckpointStore checkpoints)
        {
            return;
        }

        var fence = await TakeAsync(checkpoints, Alice, Noon).ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 1, "a"), Row("b", 1, "b")).ConfigureAwait(false);
        await ResyncAsync(store, 1).ConfigureAwait(false);

        var result = await SwapAsync(store, 1, guard: 0.5, Write("c1", 0, fence)).ConfigureAwait(false);

        Expect.That(result.Refused, "the guard refuses");
        await HasNoCheckpointAsync(checkpoints).ConfigureAwait(false);
    }

    public async Task Checkpoint_SwapWithAStaleFence_RemovesNothing()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        if (store is not ICheckpointStore checkpoints)
        {
            return;
        }

        var stale = await TakeAsync(checkpoints, Alice, Noon).ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 1, "a"), Row("b", 1, "b")).ConfigureAwait(false);
        await ResyncAsync(store, 1, Row("a", 1, "a")).ConfigureAwait(false);
        await TakeAsync(checkpoints, Bob, Noon.AddMinutes(1)).ConfigureAwait(false);

        await Expect.FailsAsync(
            SyncErrorKind.LeaseLost,
            async () => await SwapAsync(store, 1, checkpoint: Write("c1", 0, stale)).ConfigureAwait(false),
            "a swap by a holder that was replaced").ConfigureAwait(false);

        await HoldsAsync(store, "a=a", "b=b").ConfigureAwait(false);
        await HasNoCheckpointAsync(checkpoints).ConfigureAwait(false);
    }

    private static CheckpointWrite Write(string content, long expected, Fence fence) =>
        new(Checkpoint, System.Text.Encoding.UTF8.GetBytes(content), expected, fence);

    private static async Task<Fence> TakeAsync(ICheckpointStore store, LeaseOwner owner, DateTimeOffset now)
    {
        var request = new LeaseRequest(Checkpoint, owner, now, TimeSpan.FromSeconds(30), static _ => false);
        var answer = await store.AcquireLeaseAsync(request, CancellationToken.None).ConfigureAwait(false);
        Expect.That(answer.Fence is not null, "a free lease is granted");
        return answer.Fence!.Value;
    }

    private static async Task HasCheckpointAsync(ICheckpointStore store, long revision, string content)
    {
        var found = await store.ReadAsync(Checkpoint, CancellationToken.None).ConfigureAwait(false);
        Expect.That(found is not null, "the checkpoint is there");
        Expect.Equal(revision, found!.Revision, "the revision");
        Expect.Equal(content, System.Text.Encoding.UTF8.GetString(found.Content.Span), "the checkpoint");
    }

    private static async Task HasNoCheckpointAsync(ICheckpointStore store) =>
        Expect.That(await store.ReadAsync(Checkpoint, CancellationToken.None).ConfigureAwait(false) is null, "no checkpoint is there");
}
