using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Processes;

[assembly: AssemblyFixture(typeof(BackendFixture))]
[assembly: AssemblyFixture(typeof(PackedPackages))]
