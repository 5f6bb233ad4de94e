using Agent.Sync.Stores;

namespace Agent.Sync.SimulationTests;

/// <summary>Told of what happens to a device's outbox too.</summary>
internal interface IChangeObserver : ISimulationObserver
{
    void Taken(TakeRequest request, ChangeBatch changes);

    void Settled(SettlementBatch batch);
}
