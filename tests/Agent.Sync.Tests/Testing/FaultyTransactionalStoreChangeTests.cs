using Agent.Sync.Testing;

namespace Agent.Sync.Tests.Testing;

/// <summary>A faulty store without faults is the store it wraps.</summary>
public sealed class FaultyTransactionalStoreChangeTests : ChangeStoreConformanceRunner
{
    protected override ChangeStoreConformance CreateSuite() =>
        new TransactionalChangeSuite(static store => new FaultyTransactionalStore(store, store, new FaultPlan(1)));
}
