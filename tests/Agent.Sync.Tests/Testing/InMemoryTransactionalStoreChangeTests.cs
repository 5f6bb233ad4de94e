using Agent.Sync.Testing;

namespace Agent.Sync.Tests.Testing;

public sealed class InMemoryTransactionalStoreChangeTests : ChangeStoreConformanceRunner
{
    protected override ChangeStoreConformance CreateSuite() => new TransactionalChangeSuite(static store => store);
}
