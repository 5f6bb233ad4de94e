namespace Agent.Sync;

/// <summary>Marks the version: an integer property that the server raises on every write of the row. It is never pushed.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SyncVersionAttribute : Attribute;
