using Agent.Sync.Checkpoints;
using Agent.Sync.Runs;
using Agent.Sync.Stores;
using Agent.Sync.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace Agent.Sync.Tests.Runs;

public sealed class CheckpointKeeperTests
{
    private static readonly ContentSeal Seal = new([], new byte[32]);
    private static readonly CheckpointId Slot = CheckpointId.For(Items.Dataset);

    private readonly ICheckpointStore _store = Substitute.For<ICheckpointStore>();
    private readonly ILocalStore _local = Substitute.For<ILocalStore>();

    [Fact]
    public async Task ApplyAsync_TwoStores_WritesRowsFirstAndThenTheCheckpoint()
    {
        var keeper = Keeper(_store);

        await keeper.ApplyAsync(_local, Batch(Items.Page((1, 1))), States.Backfill());
        await keeper.ApplyAsync(_local, Batch(Items.Page((2, 1))), States.Backfill());

        Received.InOrder(async () =>
        {
            await _local.ApplyAsync(Arg.Is<ApplyBatch>(batch => batch!.Checkpoint == null), CancellationToken.None);
            await _store.WriteAsync(Arg.Is<CheckpointWrite>(write => write!.ExpectedRevision == 0), CancellationToken.None);
            await _local.ApplyAsync(Arg.Is<ApplyBatch>(batch => batch!.Checkpoint == null), CancellationToken.None);
            await _store.WriteAsync(Arg.Is<CheckpointWrite>(write => write!.ExpectedRevision == 1), CancellationToken.None);
        });
        Assert.Equal(2, keeper.Revision);
    }

    [Fact]
    public async Task ApplyAsync_RowsFail_LeavesTheCheckpoint()
    {
        _local.ApplyAsync(Arg.Any<ApplyBatch>(), Arg.Any<CancellationToken>())
            .Returns<ApplyResult>(_ => throw new SyncStoreException(SyncErrorKind.StoreFailed, "full"));
        var keeper = Keeper(_store);

        await Assert.ThrowsAsync<SyncStoreException>(async () => await keeper.ApplyAsync(_local, Batch(Items.Page((1, 1))), States.Backfill()));

        await _store.DidNotReceive().WriteAsync(Arg.Any<CheckpointWrite>(), Arg.Any<CancellationToken>());
        Assert.Equal(0, keeper.Revision);
    }

    [Fact]
    public async Task ApplyAsync_TwoStoresAndNoRows_WritesTheCheckpointAlone()
    {
        await Keeper(_store).ApplyAsync(_local, Batch(), States.Backfill());

        await _local.DidNotReceive().ApplyAsync(Arg.Any<ApplyBatch>(), Arg.Any<CancellationToken>());
        await _store.Received(1).WriteAsync(Arg.Any<CheckpointWrite>(), Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task ApplyAsync_OneStore_IsOneCallThatCarriesTheCheckpoint()
    {
        var both = Substitute.For<ICheckpointStore, ILocalStore>();
        var local = (ILocalStore)both;
        var keeper = Keeper(both);

        await keeper.ApplyAsync(local, Batch(Items.Page((1, 1))), States.Backfill());

        await local.Received(1).ApplyAsync(
            Arg.Is<ApplyBatch>(batch => batch!.Checkpoint!.ExpectedRevision == 0 && batch.Checkpoint.Fence == new Fence(3)), CancellationToken.None);
        await both.DidNotReceive().WriteAsync(Arg.Any<CheckpointWrite>(), Arg.Any<CancellationToken>());
        Assert.Equal(1, keeper.Revision);
    }

    [Fact]
    public async Task SwapAsync_Refused_WritesNothing()
    {
        _local.SwapGenerationAsync(Arg.Any<GenerationSwap>(), Arg.Any<CancellationToken>()).Returns(new SwapResult(Refused: true, 9, 10));
        var keeper = Keeper(_store);

        var result = await keeper.SwapAsync(_local, new GenerationSwap(Items.Dataset, 1, 0.5, null), States.Backfill());

        Assert.True(result.Refused);
        Assert.Equal(0, keeper.Revision);
        await _store.DidNotReceive().WriteAsync(Arg.Any<CheckpointWrite>(), Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task SwapAsync_Done_WritesOnceInTheSameOrder()
    {
        await Keeper(_store).SwapAsync(_local, new GenerationSwap(Items.Dataset, 1, 0.5, null), States.Backfill());

        Received.InOrder(async () =>
        {
            await _local.SwapGenerationAsync(Arg.Is<GenerationSwap>(swap => swap!.Checkpoint == null), CancellationToken.None);
            await _store.WriteAsync(Arg.Any<CheckpointWrite>(), CancellationToken.None);
        });
    }

    [Fact]
    public async Task ReadAsync_SavedCheckpoint_GivesStateAndRevision()
    {
        var content = CheckpointCodec.Write(Seal, Slot, States.Delta(Items.Text(1)));
        _store.ReadAsync(Slot, Arg.Any<CancellationToken>()).Returns(new StoredCheckpoint(7, content));
        var keeper = Keeper(_store);

        var state = await keeper.ReadAsync(TestContext.Current.CancellationToken);

        Assert.Equal(7, keeper.Revision);
        Assert.Equal(SyncPhase.Delta, state!.Phase);
    }

    [Fact]
    public async Task ApplyAsync_AnyState_StampsItWithTheTime()
    {
        CheckpointWrite? written = null;
        await _store.WriteAsync(Arg.Do<CheckpointWrite>(write => written = write), Arg.Any<CancellationToken>());

        await Keeper(_store).ApplyAsync(_local, Batch(), States.Backfill());

        Assert.Equal(Items.Noon, CheckpointCodec.Read(Seal, Slot, "items", written!.Content).SavedAt);
    }

    private static ApplyBatch Batch(params Page[] pages) => new(Items.Dataset, pages, Checkpoint: null, Generation: null);

    private static CheckpointKeeper Keeper(ICheckpointStore store) =>
        new(store, Seal, Items.Dataset, new FakeTimeProvider(Items.Noon), new Fence(3));
}
