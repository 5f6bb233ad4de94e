namespace Agent.Sync.Generators.Tests;

/// <summary>A row that is made by its constructor.</summary>
[SyncTable("notes")]
public sealed partial record EntityNote([property: SyncKey] long Id, string Title, [property: SyncUpdatedAt] DateTimeOffset? UpdatedAt = null)
{
    public string? Body { get; set; }
}
