using Agent.Sync.Engine;
using Agent.Sync.Resilience;
using Agent.Sync.Seams;
using Agent.Sync.Stores;
using Agent.Sync.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agent.Sync.SimulationTests;

/// <summary>Makes the real engine, with everything around it simulated.</summary>
internal static class SimulatedEngine
{
    /// <param name="options">The engine's options.</param>
    /// <param name="local">The process's hold of the rows.</param>
    /// <param name="checkpoints">And of the checkpoints.</param>
    /// <param name="network">Its way to the server.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">What its own chances come from.</param>
    /// <param name="fate">The process.</param>
    /// <param name="processes">Every process of the device: a lease of one that is dead is free.</param>
    public static SyncEngine Create(
        SyncOptions options,
        ILocalStore local,
        ICheckpointStore checkpoints,
        HttpMessageInvoker network,
        VirtualTimeProvider time,
        Random random,
        ProcessFate fate,
        IReadOnlyList<ProcessFate> processes)
    {
        var seams = new EngineSeams
        {
            Time = time,
            Work = new SeededScheduler(time, random),
            Jitter = random.NextDouble,
            WorkingSet = static () => 1,
            Owner = () => new LeaseOwner("simulation", fate.Number, fate.Number, new Guid(fate.Number, 0, 0, new byte[8])),
            HolderIsGone = holder => processes.Any(process => process.Number == holder.ProcessId && (process.IsDead || process.HasEnded)),
            OwnerEnded = _ => fate.HasEnded = true,
        };
        return new SyncEngine(
            options, local, checkpoints, network, new UserRateLimiter(options.RateLimit, time), NullLoggerFactory.Instance, meters: null, seams);
    }
}
