namespace Agent.Sync.Stores;

/// <summary>What preparing a dataset and applying a batch would do to a store.</summary>
/// <param name="State">What <see cref="ILocalStore.PrepareAsync"/> would return.</param>
/// <param name="Result">What <see cref="ILocalStore.ApplyAsync"/> would return.</param>
/// <param name="LocalRows">The rows of the local table without a local change, before the batch: those that the server may take away.</param>
/// <param name="Contested">The changes to be sent whose row on the server would then be known to have changed since the edit began, without those that the server rejected in an earlier run. A delete of a row that is already gone does not count.</param>
public sealed record ApplyPreview(LocalState State, ApplyResult Result, long LocalRows, long Contested);
