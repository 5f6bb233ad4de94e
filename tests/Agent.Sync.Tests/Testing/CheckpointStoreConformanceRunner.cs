using Agent.Sync.Testing;

namespace Agent.Sync.Tests.Testing;

/// <summary>Runs every case of the checkpoint suite under xunit, each on a fresh store.</summary>
public abstract class CheckpointStoreConformanceRunner
{
    public static TheoryData<string> CaseNames => [.. CheckpointStoreConformance.Cases.Select(static item => item.Name)];

    protected abstract CheckpointStoreConformance CreateSuite();

    [Theory]
    [MemberData(nameof(CaseNames))]
    public async Task Store_UnderEachCase_Conforms(string name)
    {
        await using var suite = CreateSuite();
        await CheckpointStoreConformance.Cases.Single(item => item.Name == name).RunAsync(suite);
    }
}
