namespace Agent.Sync;

/// <summary>Marks a property that is not a column: it is not read and not written.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SyncIgnoreAttribute : Attribute;
