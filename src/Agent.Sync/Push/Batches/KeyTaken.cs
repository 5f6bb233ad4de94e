using Agent.Sync.Stores;

namespace Agent.Sync.Push.Batches;

/// <summary>Inserts whose key another row has: two rows, where a conflict is two versions of one. No policy may give up either.</summary>
/// <remarks>
/// A single uuid is made for one row, so who has it already is that row, from an attempt whose answer was lost: there the policy decides. Any
/// other key (a number that two devices count, a name that two people think of) may be given twice.
/// </remarks>
internal static class KeyTaken
{
    /// <summary>Tells whether two devices may give one key to two rows.</summary>
    public static bool MayHappen(Dataset dataset) =>
        dataset.KeyOrdinals.Count > 1 || dataset.Columns[dataset.KeyOrdinals[0]].Type != ColumnType.Uuid;

    /// <summary>Tells whether a conflict is one of two rows. The app's own resolver sees both, and decides.</summary>
    public static bool IsMet(Dataset dataset, in PendingChange change, in Verdict verdict, ConflictPolicy policy) =>
        verdict is { Kind: VerdictKind.Conflict, Server: not null }
        && change.Kind == ChangeKind.Insert
        && policy != ConflictPolicy.Resolver
        && MayHappen(dataset);

    /// <summary>Returns the settlement: in quarantine, with the server's row beside it.</summary>
    public static Settlement Settle(in PendingChange change, in Verdict verdict) =>
        new(change.Id, change.OperationId, SettlementKind.Reject, verdict.Server, verdict.ServerRow) { Code = ChangeCodes.KeyTaken };
}
