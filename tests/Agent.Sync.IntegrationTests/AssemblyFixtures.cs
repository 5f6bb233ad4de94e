using Agent.Sync.IntegrationTests.Backends;

[assembly: AssemblyFixture(typeof(BackendFixture))]
