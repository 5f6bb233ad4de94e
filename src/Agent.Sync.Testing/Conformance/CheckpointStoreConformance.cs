using System.Text;
using Agent.Sync.Stores;
using Agent.Sync.Testing.Conformance;

namespace Agent.Sync.Testing;

/// <summary>What every <see cref="ICheckpointStore"/> has to do. Derive from it, and run <see cref="Cases"/> each on a fresh instance.</summary>
/// <remarks>Depends on no test framework: a case passes when its task ends, and fails with <see cref="ConformanceException"/>.</remarks>
public abstract partial class CheckpointStoreConformance : IAsyncDisposable
{
    private static readonly CheckpointId SlotA = SlotOf("slot_a");
    private static readonly CheckpointId SlotB = SlotOf("slot_b");
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(30);
    private static readonly LeaseOwner Alice = new("machine", 11, 1111, new Guid(1, 0, 0, new byte[8]));
    private static readonly LeaseOwner Bob = new("machine", 22, 2222, new Guid(2, 0, 0, new byte[8]));

    /// <summary>Gets every case of the suite.</summary>
    public static IReadOnlyList<ConformanceCase<CheckpointStoreConformance>> Cases { get; } =
    [
        new(nameof(Read_EmptySlot_IsNull), static suite => suite.Read_EmptySlot_IsNull()),
        new(nameof(Write_EmptySlot_IsReadBackAsRevisionOne), static suite => suite.Write_EmptySlot_IsReadBackAsRevisionOne()),
        new(nameof(Write_NextRevision_ReplacesTheContent), static suite => suite.Write_NextRevision_ReplacesTheContent()),
        new(nameof(Write_StaleRevision_IsRefused), static suite => suite.Write_StaleRevision_IsRefused()),
        new(nameof(Write_RevisionAhead_IsRefused), static suite => suite.Write_RevisionAhead_IsRefused()),
        new(nameof(Write_SlotThatMustBeEmptyButIsNot_IsRefused), static suite => suite.Write_SlotThatMustBeEmptyButIsNot_IsRefused()),
        new(nameof(Write_StaleFence_IsRefused), static suite => suite.Write_StaleFence_IsRefused()),
        new(nameof(Write_FenceNeverHandedOut_IsRefused), static suite => suite.Write_FenceNeverHandedOut_IsRefused()),
        new(nameof(Write_BufferChangedLater_KeepsWhatWasWritten), static suite => suite.Write_BufferChangedLater_KeepsWhatWasWritten()),
        new(nameof(Write_LargestContent_IsReadBack), static suite => suite.Write_LargestContent_IsReadBack()),
        new(nameof(Write_EmptyContent_IsNotAnEmptySlot), static suite => suite.Write_EmptyContent_IsNotAnEmptySlot()),
        new(nameof(Write_OneSlot_LeavesTheOtherAlone), static suite => suite.Write_OneSlot_LeavesTheOtherAlone()),
        new(nameof(Write_Cancelled_LeavesTheOldOrTheNew), static suite => suite.Write_Cancelled_LeavesTheOldOrTheNew()),
        new(nameof(Write_OneHandle_IsSeenByTheOther), static suite => suite.Write_OneHandle_IsSeenByTheOther()),
        new(nameof(Write_TwoHandlesOnOneRevision_OneWins), static suite => suite.Write_TwoHandlesOnOneRevision_OneWins()),
        new(nameof(Clear_FilledSlot_IsEmptyAndStartsAtRevisionOne), static suite => suite.Clear_FilledSlot_IsEmptyAndStartsAtRevisionOne()),
        new(nameof(Clear_EmptySlot_DoesNothing), static suite => suite.Clear_EmptySlot_DoesNothing()),
        new(nameof(Clear_StaleFence_IsRefused), static suite => suite.Clear_StaleFence_IsRefused()),
        new(nameof(Clear_OneSlot_LeavesTheOtherAlone), static suite => suite.Clear_OneSlot_LeavesTheOtherAlone()),
        new(nameof(Key_AskedAgain_IsTheSame), static suite => suite.Key_AskedAgain_IsTheSame()),
        new(nameof(Lease_FirstHolder_GetsFenceOne), static suite => suite.Lease_FirstHolder_GetsFenceOne()),
        new(nameof(Lease_HeldByAnother_IsRefusedAndNamesTheHolder), static suite => suite.Lease_HeldByAnother_IsRefusedAndNamesTheHolder()),
        new(nameof(Lease_SameOwnerAgain_KeepsItsFence), static suite => suite.Lease_SameOwnerAgain_KeepsItsFence()),
        new(nameof(Lease_Lapsed_GoesToTheNextWithAHigherFence), static suite => suite.Lease_Lapsed_GoesToTheNextWithAHigherFence()),
        new(nameof(Lease_EndingInAHundredYears_LapsesAfterOneLife), static suite => suite.Lease_EndingInAHundredYears_LapsesAfterOneLife()),
        new(nameof(Lease_EndingInAHundredYearsAndRenewed_Holds), static suite => suite.Lease_EndingInAHundredYearsAndRenewed_Holds()),
        new(nameof(Lease_HolderGone_IsReplacedAtOnce), static suite => suite.Lease_HolderGone_IsReplacedAtOnce()),
        new(nameof(Lease_Renewed_HoldsLonger), static suite => suite.Lease_Renewed_HoldsLonger()),
        new(nameof(Lease_LapsedButNotTaken_CanBeRenewed), static suite => suite.Lease_LapsedButNotTaken_CanBeRenewed()),
        new(nameof(Lease_TakenByAnother_CannotBeRenewed), static suite => suite.Lease_TakenByAnother_CannotBeRenewed()),
        new(nameof(Lease_Released_IsFreeAtOnce), static suite => suite.Lease_Released_IsFreeAtOnce()),
        new(nameof(Lease_ReleasedByAStaleHolder_StaysWithTheNewOne), static suite => suite.Lease_ReleasedByAStaleHolder_StaysWithTheNewOne()),
        new(nameof(Lease_TakenAgainAfterRelease_GetsANewFence), static suite => suite.Lease_TakenAgainAfterRelease_GetsANewFence()),
        new(nameof(Lease_OfOneSlot_LeavesTheOtherFree), static suite => suite.Lease_OfOneSlot_LeavesTheOtherFree()),
        new(nameof(Lease_TakenThroughOneHandle_IsHeldForTheOther), static suite => suite.Lease_TakenThroughOneHandle_IsHeldForTheOther()),
        new(nameof(Lease_RefusedAsker_LeavesTheHolderItsFence), static suite => suite.Lease_RefusedAsker_LeavesTheHolderItsFence()),
    ];

    /// <summary>Opens the store under test. Called again within a case, it opens the same medium once more, as another process would.</summary>
    /// <returns>The store; a store without a medium of its own returns the same object.</returns>
    protected abstract ValueTask<ICheckpointStore> OpenAsync();

    /// <summary>Removes what the case left. Does nothing unless overridden.</summary>
    /// <returns>A task that ends when the medium is gone.</returns>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private static CheckpointId SlotOf(string name) =>
        CheckpointId.For(Dataset.Define(name).Key("id", ColumnType.Uuid).UpdatedAt("updated_at").Build());

    private static LeaseRequest Ask(LeaseOwner owner, DateTimeOffset? now = null, bool isGone = false, CheckpointId? checkpoint = null) =>
        new(checkpoint ?? SlotA, owner, now ?? Noon, Ttl, _ => isGone);

    private static async Task<Fence> TakeAsync(ICheckpointStore store, LeaseOwner owner, DateTimeOffset? now = null, CheckpointId? checkpoint = null)
    {
        var answer = await store.AcquireLeaseAsync(Ask(owner, now, checkpoint: checkpoint), CancellationToken.None).ConfigureAwait(false);
        Expect.That(answer.Fence is not null, "a free lease is granted");
        return answer.Fence!.Value;
    }

    // A store may throw at once or through its task: awaited here, both are the same.
    private static async ValueTask WriteAsync(ICheckpointStore store, string content, long expected, Fence fence, CheckpointId? checkpoint = null) =>
        await store.WriteAsync(new CheckpointWrite(checkpoint ?? SlotA, Encoding.UTF8.GetBytes(content), expected, fence), CancellationToken.None).ConfigureAwait(false);

    private static async Task HoldsAsync(ICheckpointStore store, long revision, string content, CheckpointId? checkpoint = null)
    {
        var found = await store.ReadAsync(checkpoint ?? SlotA, CancellationToken.None).ConfigureAwait(false);
        Expect.That(found is not null, "the checkpoint is filled");
        Expect.Equal(revision, found!.Revision, "the revision");
        Expect.Equal(content, Encoding.UTF8.GetString(found.Content.Span), "the content");
    }

    private static async Task IsEmptyAsync(ICheckpointStore store, CheckpointId? checkpoint = null) =>
        Expect.That(await store.ReadAsync(checkpoint ?? SlotA, CancellationToken.None).ConfigureAwait(false) is null, "the checkpoint is empty");
}
