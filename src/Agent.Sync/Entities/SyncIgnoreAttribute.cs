namespace Agent.Sync;

/// <summary>Marks a property that is no column. It is neither requested nor written.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SyncIgnoreAttribute : Attribute;
