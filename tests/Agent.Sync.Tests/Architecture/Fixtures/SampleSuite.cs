namespace Agent.Sync.Tests.Architecture.Fixtures;

internal abstract class SampleSuite
{
    protected abstract ValueTask<ISampleContract> CreateAsync();
}
