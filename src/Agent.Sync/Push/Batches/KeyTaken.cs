using Agent.Sync.Stores;

namespace Agent.Sync.Push.Batches;

/// <summary>Inserts whose key another row has: these are two rows, whereas a conflict is two versions of one row. No policy may discard either.</summary>
/// <remarks>
/// A single uuid is made for one row, so a row that has it already is that row, from an attempt whose answer was lost: there the policy decides. Any
/// other key (a number that two local stores count up, a name that two people choose) may be given twice.
/// </remarks>
internal static class KeyTaken
{
    /// <summary>Tells whether two local stores may give one key to two rows.</summary>
    public static bool MayHappen(Dataset dataset) =>
        dataset.KeyOrdinals.Count > 1 || dataset.Columns[dataset.KeyOrdinals[0]].Type != ColumnType.Uuid;

    /// <summary>Tells whether a conflict is one of two rows. The app's own resolver sees both, and decides.</summary>
    public static bool IsMet(Dataset dataset, in PendingChange change, in ChangeOutcome outcome, ConflictPolicy policy) =>
        outcome is { Kind: OutcomeKind.Conflict, Server: not null }
        && change.Kind == ChangeKind.Insert
        && policy != ConflictPolicy.Resolver
        && MayHappen(dataset);

    /// <summary>Returns its settlement: in quarantine, with the server's row beside it.</summary>
    public static Settlement Settle(in PendingChange change, in ChangeOutcome outcome) =>
        new(change.Id, change.OperationId, SettlementKind.Reject, outcome.Server, outcome.ServerRow) { Code = ChangeCodes.KeyTaken };
}
