using Agent.Sync.Stores;

namespace Agent.Sync.Push.Batches;

/// <summary>Changes that are sent together and settled together.</summary>
/// <param name="Window">Whose memory they are in.</param>
/// <param name="Changes">The changes; those of one kind with the same columns stand together.</param>
internal sealed record PushUnit(ChangeWindow Window, ReadOnlyMemory<PendingChange> Changes);
