using Agent.Sync.Stores;
using Agent.Sync.Testing;
using MyStore = Agent.Sync.InMemoryCheckpointStore;

namespace Agent.Sync.Tests.Docs;

// snippet: conformance
public sealed class MyStoreConformance : CheckpointStoreConformance
{
    private readonly MyStore _store = new();

    protected override ValueTask<ICheckpointStore> OpenAsync() => ValueTask.FromResult<ICheckpointStore>(_store);
}

public sealed class MyStoreTests
{
    public static TheoryData<string> Cases => [.. CheckpointStoreConformance.Cases.Select(test => test.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Case_OfTheSuite_Passes(string name)
    {
        await using var suite = new MyStoreConformance();
        await CheckpointStoreConformance.Cases.Single(test => test.Name == name).RunAsync(suite);
    }
}
// end snippet
