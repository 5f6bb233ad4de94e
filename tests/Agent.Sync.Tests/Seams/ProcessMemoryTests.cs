using Agent.Sync.Seams;

namespace Agent.Sync.Tests.Seams;

public sealed class ProcessMemoryTests
{
    [Fact]
    public void WorkingSet_OfThisProcess_IsWhatTheFrameworkSays()
    {
        // Other tests allocate between the two looks.
        var share = (double)ProcessMemory.WorkingSet() / Environment.WorkingSet;

        Assert.InRange(share, 0.5, 2);
    }
}
