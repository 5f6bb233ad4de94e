using Agent.Sync.Stores;

namespace Agent.Sync.Seams;

/// <summary>Everything the engine takes from outside itself, so that a simulation can replace all of it at once.</summary>
internal sealed record EngineSeams
{
#pragma warning disable RS0030 // An option's default may name the system clock.
    public TimeProvider Time { get; init; } = TimeProvider.System;
#pragma warning restore RS0030

    public WorkScheduler Work { get; init; } = WorkScheduler.ThreadPool;

    /// <summary>Gets the source of jitter, 0 to below 1.</summary>
    public Func<double> Jitter { get; init; } = DefaultJitter;

    /// <summary>Gets the source of the process's working set, in bytes.</summary>
    public Func<long> WorkingSet { get; init; } = ProcessMemory.WorkingSet;

    /// <summary>Gets who this engine is to a lease; made anew for every run, so that two runs of one engine exclude each other too.</summary>
    public Func<LeaseOwner> Owner { get; init; } = ProcessIdentity.Present.CreateOwner;

    /// <summary>Gets the test whether a lease's holder is known to be dead.</summary>
    public Func<LeaseOwner, bool> HolderIsGone { get; init; } = ProcessIdentity.Present.IsGone;

    /// <summary>Gets what is told of an owner that is done but could not give its lease back.</summary>
    public Action<LeaseOwner> OwnerEnded { get; init; } = ProcessIdentity.Present.RecordEnded;

    public Task WaitAsync(TimeSpan delay, CancellationToken cancellationToken) => Work.WaitAsync(delay, Time, cancellationToken);

#pragma warning disable RS0030 // The one place that may use the shared generator.
    private static double DefaultJitter() => Random.Shared.NextDouble();
#pragma warning restore RS0030
}
