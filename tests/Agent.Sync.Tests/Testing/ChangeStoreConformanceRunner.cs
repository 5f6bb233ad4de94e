using Agent.Sync.Testing;

namespace Agent.Sync.Tests.Testing;

/// <summary>Runs every case of the change store suite under xunit, each on a fresh store.</summary>
public abstract class ChangeStoreConformanceRunner
{
    public static TheoryData<string> CaseNames => [.. ChangeStoreConformance.Cases.Select(static item => item.Name)];

    protected abstract ChangeStoreConformance CreateSuite();

    [Theory]
    [MemberData(nameof(CaseNames))]
    public async Task Store_UnderEachCase_Conforms(string name)
    {
        await using var suite = CreateSuite();
        await ChangeStoreConformance.Cases.Single(item => item.Name == name).RunAsync(suite);
    }
}
