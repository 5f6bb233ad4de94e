using Agent.Sync.Testing;

namespace Agent.Sync.Tests.Testing;

/// <summary>Runs every case of the local store suite under xunit, each on a fresh store.</summary>
public abstract class LocalStoreConformanceRunner
{
    public static TheoryData<string> CaseNames => [.. LocalStoreConformance.Cases.Select(static item => item.Name)];

    protected abstract LocalStoreConformance CreateSuite();

    [Theory]
    [MemberData(nameof(CaseNames))]
    public async Task Store_UnderEachCase_Conforms(string name)
    {
        await using var suite = CreateSuite();
        await LocalStoreConformance.Cases.Single(item => item.Name == name).RunAsync(suite);
    }
}
