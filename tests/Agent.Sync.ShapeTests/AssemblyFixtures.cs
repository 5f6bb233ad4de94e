using Agent.Sync.ShapeTests.Servers;

[assembly: AssemblyFixture(typeof(ShapeBackend))]
