namespace Agent.Sync.Stores;

/// <summary>What preparing a dataset and applying a batch would do to a store.</summary>
/// <param name="State">What <see cref="ILocalStore.PrepareAsync"/> would return.</param>
/// <param name="Result">What <see cref="ILocalStore.ApplyAsync"/> would return.</param>
/// <param name="LocalRows">The rows of the local table without a local change, before the batch: those that the server may take away.</param>
/// <param name="Contested">The changes to be sent whose row on the server would then be known to be another one than the edit started from; without those of an earlier run that were rejected. A delete of a row that is gone is none.</param>
public sealed record ApplyPreview(LocalState State, ApplyResult Result, long LocalRows, long Contested);
