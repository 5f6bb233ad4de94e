using Agent.Sync.Testing.Conformance;

namespace Agent.Sync.Tests.Testing;

public sealed class InMemoryTransactionalStoreChangeTests : ChangeStoreConformanceRunner
{
    protected override ChangeStoreConformance CreateSuite() => new TransactionalChangeSuite(static store => store);
}
