namespace Agent.Sync.IntegrationTests.Push;

/// <summary>A row as an app's code has it.</summary>
internal sealed class AppItem
{
    public Guid Id { get; set; }

    public string? Label { get; set; }

    public string? Note { get; set; }

    public long? Size { get; set; }
}
