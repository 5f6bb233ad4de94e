using System.Globalization;
using System.Text;
using System.Text.Json;
using Agent.Sync.Stores;
using Agent.Sync.Testing.Conformance;

namespace Agent.Sync.Testing;

/// <summary>What every <see cref="IChangeStore"/> has to do. Derive from it, and run <see cref="Cases"/> each on a fresh instance.</summary>
/// <remarks>
/// Depends on no test framework: a case passes when its task ends, and fails with <see cref="ConformanceException"/>.
/// It builds on <see cref="LocalStoreConformance"/>, which is to be run too. The cases about a lease pass at once for a store that is no
/// <see cref="ICheckpointStore"/>, those about unrecorded edits where <see cref="StopRecordingAsync"/> answers false.
/// </remarks>
public abstract partial class ChangeStoreConformance : IAsyncDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Gets every case of the suite.</summary>
    public static IReadOnlyList<ConformanceCase<ChangeStoreConformance>> Cases { get; } =
    [
        new(nameof(Edits_None_HaveNoChanges), static suite => suite.Edits_None_HaveNoChanges()),
        new(nameof(Edit_Insert_CarriesEveryValueThatIsNotNull), static suite => suite.Edit_Insert_CarriesEveryValueThatIsNotNull()),
        new(nameof(Edit_Update_CarriesTheColumnsThatChangedAndItsBaseVersion), static suite => suite.Edit_Update_CarriesTheColumnsThatChangedAndItsBaseVersion()),
        new(nameof(Edit_Delete_CarriesItsBaseVersionAlone), static suite => suite.Edit_Delete_CarriesItsBaseVersionAlone()),
        new(nameof(Edits_InsertThenUpdate_AreOneInsert), static suite => suite.Edits_InsertThenUpdate_AreOneInsert()),
        new(nameof(Edits_UpdateTwice_AreOneUpdate), static suite => suite.Edits_UpdateTwice_AreOneUpdate()),
        new(nameof(Edits_UpdateToNull_CarriesTheNull), static suite => suite.Edits_UpdateToNull_CarriesTheNull()),
        new(nameof(Edits_InsertThenDelete_AreNothing), static suite => suite.Edits_InsertThenDelete_AreNothing()),
        new(nameof(Edits_UpdateAndBack_AreNothing), static suite => suite.Edits_UpdateAndBack_AreNothing()),
        new(nameof(Edits_UpdateThenDelete_AreOneDelete), static suite => suite.Edits_UpdateThenDelete_AreOneDelete()),
        new(nameof(Edits_DeleteThenInsert_AreOneUpdate), static suite => suite.Edits_DeleteThenInsert_AreOneUpdate()),
        new(nameof(Edits_OfTwoDatasets_AreKeptApart), static suite => suite.Edits_OfTwoDatasets_AreKeptApart()),
        new(nameof(Edits_Values_AreSentAsTheyAre), static suite => suite.Edits_Values_AreSentAsTheyAre()),
        new(nameof(Edits_StoreOpenedAgain_AreStillThere), static suite => suite.Edits_StoreOpenedAgain_AreStillThere()),
        new(nameof(Take_SeveralChanges_ComeInQueueOrderWithRisingNumbers), static suite => suite.Take_SeveralChanges_ComeInQueueOrderWithRisingNumbers()),
        new(nameof(Take_AfterAChange_GoesOnBehindIt), static suite => suite.Take_AfterAChange_GoesOnBehindIt()),
        new(nameof(Take_MaxBytes_EndsBeforeTheChangeThatPassesThem), static suite => suite.Take_MaxBytes_EndsBeforeTheChangeThatPassesThem()),
        new(nameof(Take_OnePart_LeavesTheOther), static suite => suite.Take_OnePart_LeavesTheOther()),
        new(nameof(Take_Again_HandsOutTheSameChanges), static suite => suite.Take_Again_HandsOutTheSameChanges()),
        new(nameof(Take_EditedInFlight_HandsOutTheFrozenContent), static suite => suite.Take_EditedInFlight_HandsOutTheFrozenContent()),
        new(nameof(Take_DeletedAndInsertedInFlight_HandsOutTheFrozenContent), static suite => suite.Take_DeletedAndInsertedInFlight_HandsOutTheFrozenContent()),
        new(nameof(Take_WholeRows_CarriesEveryColumnWithItsNulls), static suite => suite.Take_WholeRows_CarriesEveryColumnWithItsNulls()),
        new(nameof(Take_SameColumns_ShareOneListObject), static suite => suite.Take_SameColumns_ShareOneListObject()),
        new(nameof(Take_Cancelled_FreezesAllOrNothing), static suite => suite.Take_Cancelled_FreezesAllOrNothing()),
        new(nameof(Acknowledge_Insert_TakesTheServersRow), static suite => suite.Acknowledge_Insert_TakesTheServersRow()),
        new(nameof(Acknowledge_UuidInAnySpelling_LeavesOneRow), static suite => suite.Acknowledge_UuidInAnySpelling_LeavesOneRow()),
        new(nameof(Acknowledge_WithoutARow_KeepsTheLocalValues), static suite => suite.Acknowledge_WithoutARow_KeepsTheLocalValues()),
        new(nameof(Acknowledge_Delete_LeavesNothing), static suite => suite.Acknowledge_Delete_LeavesNothing()),
        new(nameof(Acknowledge_EditBehind_KeepsItsValuesOnTheServersBase), static suite => suite.Acknowledge_EditBehind_KeepsItsValuesOnTheServersBase()),
        new(nameof(Acknowledge_EditBehind_OtherColumnsAreTheServers), static suite => suite.Acknowledge_EditBehind_OtherColumnsAreTheServers()),
        new(nameof(Acknowledge_InsertDeletedBehind_BecomesADelete), static suite => suite.Acknowledge_InsertDeletedBehind_BecomesADelete()),
        new(nameof(Acknowledge_DeleteInsertedBehind_BecomesAnInsert), static suite => suite.Acknowledge_DeleteInsertedBehind_BecomesAnInsert()),
        new(nameof(TakeServer_Row_ReplacesTheLocalOne), static suite => suite.TakeServer_Row_ReplacesTheLocalOne()),
        new(nameof(TakeServer_NoRow_RemovesTheLocalOne), static suite => suite.TakeServer_NoRow_RemovesTheLocalOne()),
        new(nameof(TakeServer_OfADelete_BringsTheRowBack), static suite => suite.TakeServer_OfADelete_BringsTheRowBack()),
        new(nameof(TakeServer_EditBehind_KeepsItsValues), static suite => suite.TakeServer_EditBehind_KeepsItsValues()),
        new(nameof(TakeServer_EditBehind_OtherColumnsAreTheServers), static suite => suite.TakeServer_EditBehind_OtherColumnsAreTheServers()),
        new(nameof(KeepLocal_Row_BecomesTheBase), static suite => suite.KeepLocal_Row_BecomesTheBase()),
        new(nameof(KeepLocal_NoRow_MakesAnInsert), static suite => suite.KeepLocal_NoRow_MakesAnInsert()),
        new(nameof(KeepLocal_OfADelete_IsSentAgainOnTheServersVersion), static suite => suite.KeepLocal_OfADelete_IsSentAgainOnTheServersVersion()),
        new(nameof(KeepLocal_EditBehind_IsPartOfIt), static suite => suite.KeepLocal_EditBehind_IsPartOfIt()),
        new(nameof(TakeMerged_Row_ReplacesTheLocalOneAndIsSent), static suite => suite.TakeMerged_Row_ReplacesTheLocalOneAndIsSent()),
        new(nameof(TakeMerged_NoRow_DeletesOnBothSides), static suite => suite.TakeMerged_NoRow_DeletesOnBothSides()),
        new(nameof(TakeMerged_OverADeletedRow_BringsItBack), static suite => suite.TakeMerged_OverADeletedRow_BringsItBack()),
        new(nameof(TakeMerged_EditBehind_KeepsTheColumnsItChanged), static suite => suite.TakeMerged_EditBehind_KeepsTheColumnsItChanged()),
        new(nameof(TakeMerged_DeletedBehind_StaysDeleted), static suite => suite.TakeMerged_DeletedBehind_StaysDeleted()),
        new(nameof(TakeMerged_NoRowEditBehind_KeepsTheRow), static suite => suite.TakeMerged_NoRowEditBehind_KeepsTheRow()),
        new(nameof(TakeMerged_DeleteInsertedBehind_KeepsWhatWasInserted), static suite => suite.TakeMerged_DeleteInsertedBehind_KeepsWhatWasInserted()),
        new(nameof(Reject_Always_GoesToQuarantine), static suite => suite.Reject_Always_GoesToQuarantine()),
        new(nameof(Reject_EditBehind_SupersedesIt), static suite => suite.Reject_EditBehind_SupersedesIt()),
        new(nameof(Reject_InsertWithTheServersRow_StaysAnInsertBesideIt), static suite => suite.Reject_InsertWithTheServersRow_StaysAnInsertBesideIt()),
        new(nameof(Reject_AfterAPull_OtherColumnsAreTheServers), static suite => suite.Reject_AfterAPull_OtherColumnsAreTheServers()),
        new(nameof(Return_Always_WaitsAgainAndIsMergedInto), static suite => suite.Return_Always_WaitsAgainAndIsMergedInto()),
        new(nameof(Return_EditBehind_IsPartOfIt), static suite => suite.Return_EditBehind_IsPartOfIt()),
        new(nameof(Settle_Again_DoesNothing), static suite => suite.Settle_Again_DoesNothing()),
        new(nameof(Settle_TakenAnewSince_DoesNothing), static suite => suite.Settle_TakenAnewSince_DoesNothing()),
        new(nameof(Settle_SeveralAtOnce_SettlesEach), static suite => suite.Settle_SeveralAtOnce_SettlesEach()),
        new(nameof(Settle_Cancelled_LeavesAllOrNothing), static suite => suite.Settle_Cancelled_LeavesAllOrNothing()),
        new(nameof(Pull_RowWithAWaitingChange_IsNotOverwritten), static suite => suite.Pull_RowWithAWaitingChange_IsNotOverwritten()),
        new(nameof(Pull_SameVersionWithALaterCursor_IsLearnt), static suite => suite.Pull_SameVersionWithALaterCursor_IsLearnt()),
        new(nameof(Pull_SameVersionWithALaterCursor_IsTheBaseOfAQuarantinedChange), static suite => suite.Pull_SameVersionWithALaterCursor_IsTheBaseOfAQuarantinedChange()),
        new(nameof(Unrecorded_DeletedOnTheServerWhereEditsWin_IsKept), static suite => suite.Unrecorded_DeletedOnTheServerWhereEditsWin_IsKept()),
        new(nameof(Unrecorded_KeyThatChanged_IsKept), static suite => suite.Unrecorded_KeyThatChanged_IsKept()),
        new(nameof(Unrecorded_UnderARecordedEdit_IsSentWithIt), static suite => suite.Unrecorded_UnderARecordedEdit_IsSentWithIt()),
        new(nameof(Unrecorded_EditOfARowInFlight_IsSentAfterIt), static suite => suite.Unrecorded_EditOfARowInFlight_IsSentAfterIt()),
        new(nameof(Unrecorded_DeleteOfARowInFlight_IsSentAfterIt), static suite => suite.Unrecorded_DeleteOfARowInFlight_IsSentAfterIt()),
        new(nameof(Unrecorded_InsertOfARowWhoseDeleteIsInFlight_IsSentAfterIt), static suite => suite.Unrecorded_InsertOfARowWhoseDeleteIsInFlight_IsSentAfterIt()),
        new(nameof(Unrecorded_SameVersionWithALaterCursor_GoesToQuarantine), static suite => suite.Unrecorded_SameVersionWithALaterCursor_GoesToQuarantine()),
        new(nameof(Pull_ResyncBringsALowerVersion_IsLearnt), static suite => suite.Pull_ResyncBringsALowerVersion_IsLearnt()),
        new(nameof(Pull_RowInFlight_IsNotOverwritten), static suite => suite.Pull_RowInFlight_IsNotOverwritten()),
        new(nameof(Pull_RowDeletedHere_DoesNotComeBack), static suite => suite.Pull_RowDeletedHere_DoesNotComeBack()),
        new(nameof(Pull_RowInsertedHereToo_IsNotOverwritten), static suite => suite.Pull_RowInsertedHereToo_IsNotOverwritten()),
        new(nameof(Pull_DeletionOfARowWithAChange_KeepsTheRow), static suite => suite.Pull_DeletionOfARowWithAChange_KeepsTheRow()),
        new(nameof(Pull_EditTakenBack_TakesThePulledRow), static suite => suite.Pull_EditTakenBack_TakesThePulledRow()),
        new(nameof(Pull_InsertTakenBack_TakesThePulledRow), static suite => suite.Pull_InsertTakenBack_TakesThePulledRow()),
        new(nameof(Pull_QuarantinedRow_BecomesItsBase), static suite => suite.Pull_QuarantinedRow_BecomesItsBase()),
        new(nameof(Pull_QuarantinedRow_OtherColumnsAreTheServers), static suite => suite.Pull_QuarantinedRow_OtherColumnsAreTheServers()),
        new(nameof(Pull_QuarantinedInsert_IsKeptBesideIt), static suite => suite.Pull_QuarantinedInsert_IsKeptBesideIt()),
        new(nameof(Pull_BeforeARejection_BecomesTheBaseOfTheQuarantine), static suite => suite.Pull_BeforeARejection_BecomesTheBaseOfTheQuarantine()),
        new(nameof(Pull_OldRowAgain_ChangesNothing), static suite => suite.Pull_OldRowAgain_ChangesNothing()),
        new(nameof(Pull_OfTheEnginesOwn_RecordsNoChange), static suite => suite.Pull_OfTheEnginesOwn_RecordsNoChange()),
        new(nameof(Swap_RowsWithAChange_StayAndDoNotCountForTheGuard), static suite => suite.Swap_RowsWithAChange_StayAndDoNotCountForTheGuard()),
        new(nameof(Tombstone_LowerRow_IsRemoved), static suite => suite.Tombstone_LowerRow_IsRemoved()),
        new(nameof(Tombstone_OfTheRowsOwnSequenceOrLower_KeepsTheRow), static suite => suite.Tombstone_OfTheRowsOwnSequenceOrLower_KeepsTheRow()),
        new(nameof(Tombstone_RowWithoutASequence_IsRemoved), static suite => suite.Tombstone_RowWithoutASequence_IsRemoved()),
        new(nameof(Tombstone_RowWithAChange_Stays), static suite => suite.Tombstone_RowWithAChange_Stays()),
        new(nameof(List_ByStateAndNumber_FindsThem), static suite => suite.List_ByStateAndNumber_FindsThem()),
        new(nameof(Retry_Quarantined_IsSentUnderANewOperationId), static suite => suite.Retry_Quarantined_IsSentUnderANewOperationId()),
        new(nameof(Retry_NotQuarantined_IsIgnored), static suite => suite.Retry_NotQuarantined_IsIgnored()),
        new(nameof(Edit_OfAQuarantinedRow_SupersedesIt), static suite => suite.Edit_OfAQuarantinedRow_SupersedesIt()),
        new(nameof(Discard_Waiting_RestoresTheServersRow), static suite => suite.Discard_Waiting_RestoresTheServersRow()),
        new(nameof(Discard_AfterAPull_RestoresThePulledRow), static suite => suite.Discard_AfterAPull_RestoresThePulledRow()),
        new(nameof(Discard_None_MeansTheQuarantinedOnes), static suite => suite.Discard_None_MeansTheQuarantinedOnes()),
        new(nameof(Discard_BetweenRunsWithTheKit_KeepsTheRowsSequence), static suite => suite.Discard_BetweenRunsWithTheKit_KeepsTheRowsSequence()),
        new(nameof(Discard_InFlight_IsNotDiscarded), static suite => suite.Discard_InFlight_IsNotDiscarded()),
        new(nameof(Images_OfAChangeInFlight_AreBaseAndLocal), static suite => suite.Images_OfAChangeInFlight_AreBaseAndLocal()),
        new(nameof(Images_OfAnInsertOrADelete_LackOneSide), static suite => suite.Images_OfAnInsertOrADelete_LackOneSide()),
        new(nameof(Images_OfARejectedChange_AreTheServersRowAndTheLocalOne), static suite => suite.Images_OfARejectedChange_AreTheServersRowAndTheLocalOne()),
        new(nameof(Images_OfAChangeThatIsGone_Fail), static suite => suite.Images_OfAChangeThatIsGone_Fail()),
        new(nameof(Unrecorded_Edits_AreFoundByAReconciliation), static suite => suite.Unrecorded_Edits_AreFoundByAReconciliation()),
        new(nameof(Unrecorded_UntilTheSwap_StaysToBeFound), static suite => suite.Unrecorded_UntilTheSwap_StaysToBeFound()),
        new(nameof(Unrecorded_ChangedOnTheServerOnly_IsTaken), static suite => suite.Unrecorded_ChangedOnTheServerOnly_IsTaken()),
        new(nameof(Unrecorded_NewOnTheServer_IsInserted), static suite => suite.Unrecorded_NewOnTheServer_IsInserted()),
        new(nameof(Unrecorded_ChangedOnBothSides_GoesToQuarantine), static suite => suite.Unrecorded_ChangedOnBothSides_GoesToQuarantine()),
        new(nameof(Unrecorded_RecordedChange_IsLeftAsItIs), static suite => suite.Unrecorded_RecordedChange_IsLeftAsItIs()),
        new(nameof(Unrecorded_FoundWhileLookedFor_IsNotSentBeforeTheSwap), static suite => suite.Unrecorded_FoundWhileLookedFor_IsNotSentBeforeTheSwap()),
        new(nameof(Unrecorded_MoreThanTheGuardAllows_StayInQuarantine), static suite => suite.Unrecorded_MoreThanTheGuardAllows_StayInQuarantine()),
        new(nameof(Unrecorded_ColumnThatIsEmptyInEveryRow_StaysInQuarantine), static suite => suite.Unrecorded_ColumnThatIsEmptyInEveryRow_StaysInQuarantine()),
        new(nameof(Unrecorded_ColumnThatIsNew_IsTakenFromTheServer), static suite => suite.Unrecorded_ColumnThatIsNew_IsTakenFromTheServer()),
        new(nameof(Columns_LeavingTheDataset_KeepTheirEdits), static suite => suite.Columns_LeavingTheDataset_KeepTheirEdits()),
        new(nameof(Columns_NotReadYet_AreNoPartOfAWholeRow), static suite => suite.Columns_NotReadYet_AreNoPartOfAWholeRow()),
        new(nameof(Columns_NotReadYet_AreTheServersWhateverTheConflictsEnd), static suite => suite.Columns_NotReadYet_AreTheServersWhateverTheConflictsEnd()),
        new(nameof(Lease_GoneToAnother_RefusesTakingAndSettling), static suite => suite.Lease_GoneToAnother_RefusesTakingAndSettling()),
    ];

    private static Dataset Items { get; } = Define("items");

    /// <summary>Opens the store under test. Called again within a case, it opens the same medium once more, as a later process would.</summary>
    /// <returns>The store; a store without a medium of its own returns the same object.</returns>
    protected abstract ValueTask<IChangeStore> OpenAsync();

    /// <summary>Reads a local table past the store, as an app would.</summary>
    /// <param name="store">The store that <see cref="OpenAsync"/> gave.</param>
    /// <param name="dataset">The dataset whose local table and columns to read.</param>
    /// <returns>One dictionary per row, in any order: a text per column of the dataset, by its <see cref="DatasetColumn.Name"/>, null for NULL. See <see cref="LocalStoreConformance"/>.</returns>
    protected abstract ValueTask<IReadOnlyList<IReadOnlyDictionary<string, string?>>> ReadRowsAsync(IChangeStore store, Dataset dataset);

    /// <summary>Inserts a row as an app does, past the store.</summary>
    /// <param name="store">The store that <see cref="OpenAsync"/> gave.</param>
    /// <param name="dataset">The dataset.</param>
    /// <param name="values">The texts of the columns to give, by their <see cref="DatasetColumn.Name"/>, all of type text; a column that is missing is not named in the insert.</param>
    /// <returns>A task that ends when the app's transaction is committed.</returns>
    protected abstract ValueTask InsertAsync(IChangeStore store, Dataset dataset, IReadOnlyDictionary<string, string?> values);

    /// <summary>Updates a row as an app does, past the store.</summary>
    /// <param name="store">The store that <see cref="OpenAsync"/> gave.</param>
    /// <param name="dataset">The dataset, with one key column.</param>
    /// <param name="key">The key's text.</param>
    /// <param name="values">The texts of the columns to set, by their <see cref="DatasetColumn.Name"/>, all of type text.</param>
    /// <returns>A task that ends when the app's transaction is committed.</returns>
    protected abstract ValueTask UpdateAsync(IChangeStore store, Dataset dataset, string key, IReadOnlyDictionary<string, string?> values);

    /// <summary>Deletes a row as an app does, past the store.</summary>
    /// <param name="store">The store that <see cref="OpenAsync"/> gave.</param>
    /// <param name="dataset">The dataset, with one key column.</param>
    /// <param name="key">The key's text.</param>
    /// <returns>A task that ends when the app's transaction is committed.</returns>
    protected abstract ValueTask DeleteAsync(IChangeStore store, Dataset dataset, string key);

    /// <summary>Takes the store's means of recording edits away, as a migration that drops its triggers does; the store may notice at the next prepare.</summary>
    /// <param name="store">The store that <see cref="OpenAsync"/> gave.</param>
    /// <param name="dataset">The dataset.</param>
    /// <returns>False when this store's means cannot get lost.</returns>
    protected abstract ValueTask<bool> StopRecordingAsync(IChangeStore store, Dataset dataset);

    /// <summary>Removes what the case left. Does nothing unless overridden.</summary>
    /// <returns>A task that ends when the medium is gone.</returns>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    // Every column has another local name, and two of them each other's: a store that takes one name for the other fails.
    private static Dataset Define(string name) => Dataset.Define(name)
        .Key("id", ColumnType.Text, "Key_")
        .Column("title", ColumnType.Text, "note")
        .Column("note", ColumnType.Text, "title")
        .UpdatedAt("updated_at", "ChangedAt")
        .Version("version", "Revision")
        .DeletedAt("deleted_at", local: "GoneAt")
        .Build();

    private static string Row(string id, long version, string title, bool isDeleted = false, string? note = null) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"id":"{{id}}","title":"{{title}}","note":{{(note is null ? "null" : $"\"{note}\"")}},"updated_at":"2026-01-01T00:00:00.{{version:D6}}+00:00","version":{{version}},"deleted_at":{{(isDeleted ? "\"2026-01-02T00:00:00+00:00\"" : "null")}}}""");

    private static Page PageOf(Dataset dataset, params string[] rows) =>
        Page.Parse(dataset, Encoding.UTF8.GetBytes($"[{string.Join(',', rows)}]"));

    private static Dictionary<string, string?> Title(string title) => new() { ["title"] = title };

    private static async Task PullAsync(IChangeStore store, params string[] rows) =>
        await ApplyAsync(store, Items, static batch => batch, rows).ConfigureAwait(false);

    private static async Task<ApplyResult> ApplyAsync(IChangeStore store, Dataset dataset, Func<ApplyBatch, ApplyBatch> change, params string[] rows)
    {
        using var page = PageOf(dataset, rows);
        var result = await store.ApplyAsync(change(new ApplyBatch(dataset, [page], null, null)), CancellationToken.None).ConfigureAwait(false);
        Expect.Equal(rows.Length, result.Applied + result.Unchanged + result.Deleted, "the sum of the counts");
        return result;
    }

    private static TakeRequest Request(ChangePart part = ChangePart.Writes, Dataset? dataset = null) =>
        new(dataset ?? Items, part, 0, 1_000, long.MaxValue, false, null);

    private static async Task<IReadOnlyList<TakenChange>> TakeAsync(IChangeStore store, TakeRequest? request = null)
    {
        using var batch = await store.TakeAsync(request ?? Request(), CancellationToken.None).ConfigureAwait(false);
        return [.. batch.Changes.ToArray().Select(static change => new TakenChange(change))];
    }

    private static async Task<TakenChange> TakeOneAsync(IChangeStore store, ChangePart part = ChangePart.Writes)
    {
        var taken = await TakeAsync(store, Request(part)).ConfigureAwait(false);
        Expect.Equal(1, taken.Count, "the number of changes that were taken");
        return taken[0];
    }

    private static Task SettleAsync(IChangeStore store, TakenChange change, SettlementKind kind, string? server = null) =>
        SettleAsync(store, change, kind, server, static settlement => settlement);

    private static async Task SettleAsync(IChangeStore store, TakenChange change, SettlementKind kind, string? server, Func<Settlement, Settlement> more)
    {
        using var page = server is null ? null : PageOf(Items, server);
        await store.SettleAsync(new SettlementBatch(Items, [more(new Settlement(change.Id, change.OperationId, kind, page))], Noon, null), CancellationToken.None).ConfigureAwait(false);
    }

    private static Task RejectAsync(IChangeStore store, TakenChange change, string code = "23514", string? constraint = null) =>
        SettleAsync(store, change, SettlementKind.Reject, null, settlement => settlement with { Code = code, Constraint = constraint });

    private static async Task CountsAsync(IChangeStore store, long waiting, long quarantined) =>
        Expect.Equal(
            new ChangeCounts(waiting, quarantined),
            await store.CountChangesAsync(Items, CancellationToken.None).ConfigureAwait(false),
            "the counts of the changes");

    private static async Task NothingIsLeftAsync(IChangeStore store)
    {
        Expect.Equal(0, (await TakeAsync(store).ConfigureAwait(false)).Count, "the writes that are left");
        Expect.Equal(0, (await TakeAsync(store, Request(ChangePart.Deletes)).ConfigureAwait(false)).Count, "the deletes that are left");
        await CountsAsync(store, 0, 0).ConfigureAwait(false);
    }

    private static Task<IReadOnlyList<LocalChange>> ListAsync(IChangeStore store, ChangeState? state = null, long after = 0, int limit = 1_000) =>
        store.ListChangesAsync(Items, state, after, limit, CancellationToken.None).AsTask();

    private async Task<IChangeStore> OpenPreparedAsync(params string[] rows)
    {
        var store = await OpenAsync().ConfigureAwait(false);
        await store.PrepareAsync(Items, CancellationToken.None).ConfigureAwait(false);
        if (rows.Length > 0)
        {
            await PullAsync(store, rows).ConfigureAwait(false);
        }

        return store;
    }

    private ValueTask InsertAsync(IChangeStore store, string id, string title) =>
        InsertAsync(store, Items, new Dictionary<string, string?> { ["id"] = id, ["title"] = title });

    private ValueTask UpdateAsync(IChangeStore store, string id, string title) => UpdateAsync(store, Items, id, Title(title));

    private ValueTask DeleteAsync(IChangeStore store, string id) => DeleteAsync(store, Items, id);

    /// <summary>Checks that the table holds exactly these rows, written as <c>id=title</c>.</summary>
    private async Task HoldsAsync(IChangeStore store, params string[] expected)
    {
        var rows = await ReadRowsAsync(store, Items).ConfigureAwait(false);
        var found = rows.Select(static row => $"{row["id"]}={row["title"]}").Order(StringComparer.Ordinal);
        Expect.Equal(string.Join(", ", expected.Order(StringComparer.Ordinal)), string.Join(", ", found), "the table");
    }

    /// <summary>What was taken, copied, with its JSON in one comparable form.</summary>
    private sealed record TakenChange(long Id, Guid OperationId, string Key, string Text, IReadOnlyList<string> Columns, IReadOnlyList<string> ListObject)
    {
        public TakenChange(PendingChange change)
            : this(change.Id, change.OperationId, Members(change.Key)["id=".Length..], Describe(change), [.. change.Columns], change.Columns)
        {
        }

        public override string ToString() => Text;

        private static string Describe(PendingChange change) =>
            $"{change.Kind} {Members(change.Key)} base {Encoding.UTF8.GetString(change.BaseVersion.Span)} row {Members(change.Row)}";

        private static string Members(ReadOnlyMemory<byte> json)
        {
            if (json.IsEmpty)
            {
                return "-";
            }

            using var document = JsonDocument.Parse(json);
            return string.Join(',', document.RootElement.EnumerateObject().Select(static item =>
                $"{item.Name}={(item.Value.ValueKind == JsonValueKind.String ? item.Value.GetString() : item.Value.GetRawText())}"));
        }
    }
}
