namespace Agent.Sync.Local;

/// <summary>What a local store holds of a dataset.</summary>
/// <param name="StoreId">Made at random with the store: tells a replaced store from the one a checkpoint was written for.</param>
/// <param name="HasRows">Whether the table has any row: then a backfill is a resync.</param>
public sealed record LocalState(Guid StoreId, bool HasRows);
