using Agent.Sync.Stores;

namespace Agent.Sync.SimulationTests;

/// <summary>Told of everything that became durable, at the moment it did.</summary>
internal interface ISimulationObserver
{
    void Applied(ApplyBatch batch, ApplyResult result);

    void Saved(CheckpointWrite write);

    void Swapped(GenerationSwap swap, SwapResult result);
}
