using System.Globalization;
using System.Text;
using Agent.Sync.Stores;
using Agent.Sync.Testing.Conformance;

namespace Agent.Sync.Testing;

/// <summary>What every <see cref="ILocalStore"/> has to do. Derive from it, and run <see cref="Cases"/> each on a fresh instance.</summary>
/// <remarks>
/// Depends on no test framework: a case passes when its task ends, and fails with <see cref="ConformanceException"/>.
/// The cases about a checkpoint that goes with the rows pass at once for a store that is no <see cref="ICheckpointStore"/>;
/// run <see cref="CheckpointStoreConformance"/> on one that is.
/// </remarks>
public abstract partial class LocalStoreConformance : IAsyncDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly LeaseOwner Alice = new("machine", 11, 1111, new Guid(1, 0, 0, new byte[8]));
    private static readonly LeaseOwner Bob = new("machine", 22, 2222, new Guid(2, 0, 0, new byte[8]));

    /// <summary>Gets every case of the suite.</summary>
    public static IReadOnlyList<ConformanceCase<LocalStoreConformance>> Cases { get; } =
    [
        new(nameof(Prepare_NewTable_HasNoRows), static suite => suite.Prepare_NewTable_HasNoRows()),
        new(nameof(Prepare_Again_KeepsRowsAndStoreId), static suite => suite.Prepare_Again_KeepsRowsAndStoreId()),
        new(nameof(Prepare_StoreOpenedAgain_KeepsRowsAndStoreId), static suite => suite.Prepare_StoreOpenedAgain_KeepsRowsAndStoreId()),
        new(nameof(Prepare_AllRowsRemoved_HasNoRows), static suite => suite.Prepare_AllRowsRemoved_HasNoRows()),
        new(nameof(Prepare_ColumnAdded_KeepsOldRowsReadable), static suite => suite.Prepare_ColumnAdded_KeepsOldRowsReadable()),
        new(nameof(Prepare_ColumnAdded_IsFilledByAResyncOfEqualVersions), static suite => suite.Prepare_ColumnAdded_IsFilledByAResyncOfEqualVersions()),
        new(nameof(Prepare_ColumnRemoved_IsIgnored), static suite => suite.Prepare_ColumnRemoved_IsIgnored()),
        new(nameof(Prepare_ColumnRetyped_IsRefusedAndChangesNothing), static suite => suite.Prepare_ColumnRetyped_IsRefusedAndChangesNothing()),
        new(nameof(Apply_NewRows_AreInserted), static suite => suite.Apply_NewRows_AreInserted()),
        new(nameof(Apply_NewerVersion_ReplacesTheRow), static suite => suite.Apply_NewerVersion_ReplacesTheRow()),
        new(nameof(Apply_EqualVersion_ChangesNothing), static suite => suite.Apply_EqualVersion_ChangesNothing()),
        new(nameof(Apply_EqualVersionWithALaterCursor_ReplacesTheRow), static suite => suite.Apply_EqualVersionWithALaterCursor_ReplacesTheRow()),
        new(nameof(Apply_EqualVersionWithAnEarlierCursor_ChangesNothing), static suite => suite.Apply_EqualVersionWithAnEarlierCursor_ChangesNothing()),
        new(nameof(Apply_OlderVersion_NeverReplacesTheRow), static suite => suite.Apply_OlderVersion_NeverReplacesTheRow()),
        new(nameof(Apply_VersionsAbove2To53_AreToldApart), static suite => suite.Apply_VersionsAbove2To53_AreToldApart()),
        new(nameof(Apply_WithoutVersionColumn_TheRowReadLastWins), static suite => suite.Apply_WithoutVersionColumn_TheRowReadLastWins()),
        new(nameof(Apply_WithoutVersionColumn_ADeletionWithAFallenTimeRemoves), static suite => suite.Apply_WithoutVersionColumn_ADeletionWithAFallenTimeRemoves()),
        new(nameof(Apply_SameBatchAgain_ChangesNothing), static suite => suite.Apply_SameBatchAgain_ChangesNothing()),
        new(nameof(Apply_KeyTwiceInABatch_KeepsTheNewestVersion), static suite => suite.Apply_KeyTwiceInABatch_KeepsTheNewestVersion()),
        new(nameof(Apply_EmptyPagesOrNone_DoesNothing), static suite => suite.Apply_EmptyPagesOrNone_DoesNothing()),
        new(nameof(Apply_MixedBatch_CountsAddUp), static suite => suite.Apply_MixedBatch_CountsAddUp()),
        new(nameof(Apply_DeletedRow_IsRemoved), static suite => suite.Apply_DeletedRow_IsRemoved()),
        new(nameof(Apply_DeletedRowThatIsNotThere_ChangesNothing), static suite => suite.Apply_DeletedRowThatIsNotThere_ChangesNothing()),
        new(nameof(Apply_OlderDeletion_KeepsTheNewerRow), static suite => suite.Apply_OlderDeletion_KeepsTheNewerRow()),
        new(nameof(Apply_RemovedRowThatComesBack_IsInserted), static suite => suite.Apply_RemovedRowThatComesBack_IsInserted()),
        new(nameof(Apply_DeletedRowUnderMark_StaysWithItsDeletionTime), static suite => suite.Apply_DeletedRowUnderMark_StaysWithItsDeletionTime()),
        new(nameof(Apply_MarkedRowRestored_LosesItsDeletionTime), static suite => suite.Apply_MarkedRowRestored_LosesItsDeletionTime()),
        new(nameof(Apply_TwoDatasets_AreKeptApart), static suite => suite.Apply_TwoDatasets_AreKeptApart()),
        new(nameof(Apply_Cancelled_LeavesAllOrNothing), static suite => suite.Apply_Cancelled_LeavesAllOrNothing()),
        new(nameof(Apply_BatchThatFailsHalfway_LeavesNothing), static suite => suite.Apply_BatchThatFailsHalfway_LeavesNothing()),
        new(nameof(Preview_Batch_TellsWhatAnApplyDoesAndChangesNothing), static suite => suite.Preview_Batch_TellsWhatAnApplyDoesAndChangesNothing()),
        new(nameof(Preview_BeforeThePreparation_TellsItsState), static suite => suite.Preview_BeforeThePreparation_TellsItsState()),
        new(nameof(Values_OfEveryKind_ComeBackAsTheyWere), static suite => suite.Values_OfEveryKind_ComeBackAsTheyWere()),
        new(nameof(Values_NullsAndEmptyTexts_AreToldApart), static suite => suite.Values_NullsAndEmptyTexts_AreToldApart()),
        new(nameof(Keys_OfSeveralColumns_AreToldApart), static suite => suite.Keys_OfSeveralColumns_AreToldApart()),
        new(nameof(Keys_ThatDifferInCaseOnly_AreToldApart), static suite => suite.Keys_ThatDifferInCaseOnly_AreToldApart()),
        new(nameof(Keys_OfTypeUuid_FindTheirRowAgain), static suite => suite.Keys_OfTypeUuid_FindTheirRowAgain()),
        new(nameof(Resync_EqualVersion_IsWrittenAgain), static suite => suite.Resync_EqualVersion_IsWrittenAgain()),
        new(nameof(Resync_OlderVersion_ReplacesTheRow), static suite => suite.Resync_OlderVersion_ReplacesTheRow()),
        new(nameof(Resync_BeforeItsSwap_KeepsOldRowsReadable), static suite => suite.Resync_BeforeItsSwap_KeepsOldRowsReadable()),
        new(nameof(Resync_UnderWayOrOver_IsWhatTheStateTells), static suite => suite.Resync_UnderWayOrOver_IsWhatTheStateTells()),
        new(nameof(Swap_RowsNotSeen_AreRemoved), static suite => suite.Swap_RowsNotSeen_AreRemoved()),
        new(nameof(Swap_RowSeenInAnOlderVersion_Stays), static suite => suite.Swap_RowSeenInAnOlderVersion_Stays()),
        new(nameof(Swap_AboveTheGuard_RefusesAndChangesNothing), static suite => suite.Swap_AboveTheGuard_RefusesAndChangesNothing()),
        new(nameof(Swap_AfterARefusal_CanBeAllowed), static suite => suite.Swap_AfterARefusal_CanBeAllowed()),
        new(nameof(Swap_ExactlyAtTheGuard_Removes), static suite => suite.Swap_ExactlyAtTheGuard_Removes()),
        new(nameof(Swap_NothingSeen_RefusesUnlessTheGuardIsOff), static suite => suite.Swap_NothingSeen_RefusesUnlessTheGuardIsOff()),
        new(nameof(Swap_EmptyTable_RemovesNothing), static suite => suite.Swap_EmptyTable_RemovesNothing()),
        new(nameof(Swap_AbandonedGeneration_DoesNotCountAsSeen), static suite => suite.Swap_AbandonedGeneration_DoesNotCountAsSeen()),
        new(nameof(Swap_Again_RemovesNothing), static suite => suite.Swap_Again_RemovesNothing()),
        new(nameof(Swap_StoreOpenedAgain_RemembersWhatWasSeen), static suite => suite.Swap_StoreOpenedAgain_RemembersWhatWasSeen()),
        new(nameof(Swap_Cancelled_LeavesAllOrNothing), static suite => suite.Swap_Cancelled_LeavesAllOrNothing()),
        new(nameof(Checkpoint_OfABatch_GoesWithItsRows), static suite => suite.Checkpoint_OfABatch_GoesWithItsRows()),
        new(nameof(Checkpoint_WithoutPages_MovesAlone), static suite => suite.Checkpoint_WithoutPages_MovesAlone()),
        new(nameof(Checkpoint_StaleFence_LeavesTheRowsOut), static suite => suite.Checkpoint_StaleFence_LeavesTheRowsOut()),
        new(nameof(Checkpoint_StaleRevision_LeavesTheRowsOut), static suite => suite.Checkpoint_StaleRevision_LeavesTheRowsOut()),
        new(nameof(Checkpoint_BatchThatFailsHalfway_IsNotWritten), static suite => suite.Checkpoint_BatchThatFailsHalfway_IsNotWritten()),
        new(nameof(Checkpoint_CancelledApply_GoesOrStaysWithTheRows), static suite => suite.Checkpoint_CancelledApply_GoesOrStaysWithTheRows()),
        new(nameof(Checkpoint_OfASwap_GoesWithTheRemoval), static suite => suite.Checkpoint_OfASwap_GoesWithTheRemoval()),
        new(nameof(Checkpoint_OfARefusedSwap_IsNotWritten), static suite => suite.Checkpoint_OfARefusedSwap_IsNotWritten()),
        new(nameof(Checkpoint_SwapWithAStaleFence_RemovesNothing), static suite => suite.Checkpoint_SwapWithAStaleFence_RemovesNothing()),
    ];

    private static Dataset Items { get; } = Define("items").Build();

    /// <summary>Opens the store under test. Called again within a case, it opens the same medium once more, as a later process would.</summary>
    /// <returns>The store; a store without a medium of its own returns the same object.</returns>
    protected abstract ValueTask<ILocalStore> OpenAsync();

    /// <summary>Reads a local table past the store, as an app would.</summary>
    /// <param name="store">The store that <see cref="OpenAsync"/> gave.</param>
    /// <param name="dataset">The dataset whose local table and columns to read.</param>
    /// <returns>
    /// One dictionary per row, in any order: a text per column of the dataset, by its <see cref="DatasetColumn.Name"/>, null for NULL. Text, integers, numeric and
    /// json in the server's own characters; timestamps with all their digits; other types as the store keeps them.
    /// </returns>
    protected abstract ValueTask<IReadOnlyList<IReadOnlyDictionary<string, string?>>> ReadRowsAsync(ILocalStore store, Dataset dataset);

    /// <summary>Removes what the case left. Does nothing unless overridden.</summary>
    /// <returns>A task that ends when the medium is gone.</returns>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    // Every column has another local name: a store that takes one name for the other fails.
    private static DatasetBuilder Define(string name, DeleteHandling handling = DeleteHandling.Remove) => Dataset.Define(name)
        .Key("id", ColumnType.Text, "Key_")
        .Column("title", ColumnType.Text, "Caption")
        .UpdatedAt("updated_at", "ChangedAt")
        .Version("version", "Revision")
        .DeletedAt("deleted_at", handling, "GoneAt");

    private static string Row(string id, long version, string title, bool isDeleted = false) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"id":"{{id}}","title":"{{title}}","updated_at":"2026-01-01T00:00:00.{{version:D6}}+00:00","version":{{version}},"deleted_at":{{(isDeleted ? "\"2026-01-02T00:00:00+00:00\"" : "null")}}}""");

    private static Page PageOf(Dataset dataset, params string[] rows) =>
        Page.Parse(dataset, Encoding.UTF8.GetBytes($"[{string.Join(',', rows)}]"));

    private static ValueTask<ApplyResult> ApplyAsync(ILocalStore store, params string[] rows) => ApplyAsync(store, Items, null, rows);

    private static ValueTask<ApplyResult> ResyncAsync(ILocalStore store, long generation, params string[] rows) => ApplyAsync(store, Items, generation, rows);

    private static async ValueTask<ApplyResult> ApplyAsync(ILocalStore store, Dataset dataset, long? generation, params string[] rows)
    {
        using var page = PageOf(dataset, rows);
        var result = await store.ApplyAsync(new ApplyBatch(dataset, [page], null, generation), CancellationToken.None).ConfigureAwait(false);
        Expect.Equal(rows.Length, result.Applied + result.Unchanged + result.Deleted, "the sum of the counts");
        return result;
    }

    private static ValueTask<SwapResult> SwapAsync(ILocalStore store, long generation, double guard = 1, CheckpointWrite? checkpoint = null) =>
        store.SwapGenerationAsync(new GenerationSwap(Items, generation, guard, checkpoint), CancellationToken.None);

    private async Task<ILocalStore> OpenPreparedAsync(Dataset? dataset = null)
    {
        var store = await OpenAsync().ConfigureAwait(false);
        await store.PrepareAsync(dataset ?? Items, CancellationToken.None).ConfigureAwait(false);
        return store;
    }

    /// <summary>Checks that the table holds exactly these rows, written as <c>id=title</c>.</summary>
    private async Task HoldsAsync(ILocalStore store, params string[] expected)
    {
        var rows = await ReadRowsAsync(store, Items).ConfigureAwait(false);
        var found = rows.Select(static row => $"{row["id"]}={row["title"]}").Order(StringComparer.Ordinal);
        Expect.Equal(string.Join(", ", expected.Order(StringComparer.Ordinal)), string.Join(", ", found), "the table");
    }

    private async Task<IReadOnlyDictionary<string, string?>> SingleAsync(ILocalStore store, Dataset dataset)
    {
        var rows = await ReadRowsAsync(store, dataset).ConfigureAwait(false);
        Expect.Equal(1, rows.Count, "the number of rows");
        return rows[0];
    }
}
