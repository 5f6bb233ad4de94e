using Agent.Sync.Sqlite.Schema;
using Agent.Sync.Stores;
using Agent.Sync.Testing;

namespace Agent.Sync.Tests.Testing;

/// <summary>The suites list every case, and each of a handful of wrong stores fails them.</summary>
public sealed class ConformanceSuiteTests
{
    [Theory]
    [InlineData(typeof(CheckpointStoreConformance))]
    [InlineData(typeof(LocalStoreConformance))]
    [InlineData(typeof(ChangeStoreConformance))]
    public void Cases_OfASuite_AreAllItsPublicMethods(Type suite)
    {
        var methods = suite.GetMethods().Where(static method => method.ReturnType == typeof(Task)).Select(static method => method.Name);
        IEnumerable<string> cases = suite == typeof(CheckpointStoreConformance) ? CheckpointStoreConformance.Cases.Select(static item => item.Name)
            : suite == typeof(LocalStoreConformance) ? LocalStoreConformance.Cases.Select(static item => item.Name)
            : ChangeStoreConformance.Cases.Select(static item => item.Name);

        Assert.Equal(methods.Order(StringComparer.Ordinal), cases.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("swap forgets the guard", nameof(LocalStoreConformance.Swap_AboveTheGuard_RefusesAndChangesNothing))]
    [InlineData("apply forgets the generation", nameof(LocalStoreConformance.Resync_EqualVersion_IsWrittenAgain))]
    [InlineData("apply commits page by page", nameof(LocalStoreConformance.Apply_BatchThatFailsHalfway_LeavesNothing))]
    [InlineData("preview applies", nameof(LocalStoreConformance.Preview_Batch_TellsWhatAnApplyDoesAndChangesNothing))]
    [InlineData("prepare makes a new id", nameof(LocalStoreConformance.Prepare_Again_KeepsRowsAndStoreId))]
    public async Task LocalSuite_WrongStore_FailsTheCaseThatSaysWhy(string fault, string name)
    {
        await using var suite = new LocalSuite(fault);

        await Assert.ThrowsAsync<ConformanceException>(() => LocalStoreConformance.Cases.Single(item => item.Name == name).RunAsync(suite));
    }

    [Theory]
    [InlineData("write ignores the fence", nameof(CheckpointStoreConformance.Write_StaleFence_IsRefused))]
    [InlineData("write ignores the revision", nameof(CheckpointStoreConformance.Write_StaleRevision_IsRefused))]
    [InlineData("every handle has its own medium", nameof(CheckpointStoreConformance.Write_OneHandle_IsSeenByTheOther))]
    [InlineData("everybody is gone", nameof(CheckpointStoreConformance.Lease_HeldByAnother_IsRefusedAndNamesTheHolder))]
    public async Task CheckpointSuite_WrongStore_FailsTheCaseThatSaysWhy(string fault, string name)
    {
        await using var suite = new CheckpointSuite(fault);

        var exception = await Record.ExceptionAsync(() => CheckpointStoreConformance.Cases.Single(item => item.Name == name).RunAsync(suite));

        Assert.True(exception is ConformanceException or SyncStoreException, $"{exception}");
    }

    private sealed class LocalSuite(string fault) : LocalStoreConformance
    {
        private readonly InMemoryLocalStore _inner = new();

        protected override ValueTask<ILocalStore> OpenAsync() => ValueTask.FromResult<ILocalStore>(new WrongLocalStore(_inner, fault));

        protected override ValueTask<IReadOnlyList<IReadOnlyDictionary<string, string?>>> ReadRowsAsync(ILocalStore store, Dataset dataset) =>
            ValueTask.FromResult(JsonRows.Read(_inner.GetRows(dataset.LocalTable), dataset));
    }

    private sealed class WrongLocalStore(InMemoryLocalStore inner, string fault) : ILocalStore
    {
        public async ValueTask<LocalState> PrepareAsync(Dataset dataset, CancellationToken cancellationToken)
        {
            var state = await inner.PrepareAsync(dataset, cancellationToken);
            return fault == "prepare makes a new id" ? state with { StoreId = Guid.NewGuid() } : state;
        }

        public async ValueTask<ApplyResult> ApplyAsync(ApplyBatch batch, CancellationToken cancellationToken)
        {
            batch = fault == "apply forgets the generation" ? batch with { Generation = null } : batch;
            if (fault != "apply commits page by page")
            {
                return await inner.ApplyAsync(batch, cancellationToken);
            }

            foreach (var page in batch.Pages)
            {
                await inner.ApplyAsync(batch with { Pages = [page] }, cancellationToken);
            }

            return new ApplyResult(batch.Pages.Sum(static page => page.Count), 0, 0);
        }

        public async ValueTask<ApplyPreview?> PreviewAsync(ApplyBatch batch, CancellationToken cancellationToken)
        {
            var preview = await inner.PreviewAsync(batch, cancellationToken);
            if (fault == "preview applies")
            {
                await inner.ApplyAsync(batch, cancellationToken);
            }

            return preview;
        }

        public ValueTask<SwapResult> SwapGenerationAsync(GenerationSwap swap, CancellationToken cancellationToken) =>
            inner.SwapGenerationAsync(fault == "swap forgets the guard" ? swap with { MaxRemovedShare = 1 } : swap, cancellationToken);
    }

    private sealed class CheckpointSuite(string fault) : CheckpointStoreConformance
    {
        private readonly InMemoryCheckpointStore _inner = new();

        protected override ValueTask<ICheckpointStore> OpenAsync() =>
            ValueTask.FromResult<ICheckpointStore>(new WrongCheckpointStore(fault == "every handle has its own medium" ? new() : _inner, fault));
    }

    private sealed class WrongCheckpointStore(InMemoryCheckpointStore inner, string fault) : ICheckpointStore
    {
        private Fence _newest;

        public ValueTask<StoredCheckpoint?> ReadAsync(CheckpointId slot, CancellationToken cancellationToken) => inner.ReadAsync(slot, cancellationToken);

        public async ValueTask WriteAsync(CheckpointWrite write, CancellationToken cancellationToken)
        {
            write = fault == "write ignores the fence" ? write with { Fence = _newest } : write;
            if (fault == "write ignores the revision")
            {
                write = write with { ExpectedRevision = (await inner.ReadAsync(write.Checkpoint, cancellationToken))?.Revision ?? 0 };
            }

            await inner.WriteAsync(write, cancellationToken);
        }

        public ValueTask ClearAsync(CheckpointId slot, Fence fence, CancellationToken cancellationToken) => inner.ClearAsync(slot, fence, cancellationToken);

        public ValueTask<ReadOnlyMemory<byte>> GetOrCreateKeyAsync(CancellationToken cancellationToken) => inner.GetOrCreateKeyAsync(cancellationToken);

        public async ValueTask<LeaseAnswer> AcquireLeaseAsync(LeaseRequest request, CancellationToken cancellationToken)
        {
            var answer = await inner.AcquireLeaseAsync(fault == "everybody is gone" ? request with { HolderIsGone = static _ => true } : request, cancellationToken);
            _newest = answer.Fence ?? _newest;
            return answer;
        }

        public ValueTask<bool> RenewLeaseAsync(CheckpointId slot, Fence fence, DateTimeOffset expiresAt, CancellationToken cancellationToken) =>
            inner.RenewLeaseAsync(slot, fence, expiresAt, cancellationToken);

        public ValueTask ReleaseLeaseAsync(CheckpointId slot, Fence fence, CancellationToken cancellationToken) =>
            inner.ReleaseLeaseAsync(slot, fence, cancellationToken);
    }
}
