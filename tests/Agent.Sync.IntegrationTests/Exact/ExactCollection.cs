namespace Agent.Sync.IntegrationTests.Exact;

/// <summary>These tests hold the horizon back, empty tables and change the kit, so they run one after the other on a backend of their own.</summary>
[CollectionDefinition(Name)]
public sealed class ExactCollection
{
    public const string Name = "exact";
}
