namespace Agent.Sync;

/// <summary>Marks the update timestamp (<c>timestamptz not null</c>, set by the server on every write), a <see cref="DateTimeOffset"/>, or a <see cref="DateTime"/> in UTC. It is never pushed.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SyncUpdatedAtAttribute : Attribute;
