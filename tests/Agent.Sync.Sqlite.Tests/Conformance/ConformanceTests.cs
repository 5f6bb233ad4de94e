using Agent.Sync.Testing;

namespace Agent.Sync.Sqlite.Tests.Conformance;

public sealed class ConformanceTests
{
    public static TheoryData<string> LocalCases => [.. LocalStoreConformance.Cases.Select(static item => item.Name)];

    public static TheoryData<string> ChangeCases => [.. ChangeStoreConformance.Cases.Select(static item => item.Name)];

    public static TheoryData<string> CheckpointCases => [.. CheckpointStoreConformance.Cases.Select(static item => item.Name)];

    [Theory]
    [MemberData(nameof(LocalCases))]
    public async Task LocalStore_UnderEachCase_Conforms(string name)
    {
        await using var suite = new SqliteLocalStoreSuite();
        await LocalStoreConformance.Cases.Single(item => item.Name == name).RunAsync(suite);
    }

    [Theory]
    [MemberData(nameof(ChangeCases))]
    public async Task ChangeStore_UnderEachCase_Conforms(string name)
    {
        await using var suite = new SqliteChangeStoreSuite();
        await ChangeStoreConformance.Cases.Single(item => item.Name == name).RunAsync(suite);
    }

    [Theory]
    [MemberData(nameof(CheckpointCases))]
    public async Task CheckpointStore_UnderEachCase_Conforms(string name)
    {
        await using var suite = new SqliteCheckpointStoreSuite();
        await CheckpointStoreConformance.Cases.Single(item => item.Name == name).RunAsync(suite);
    }
}
