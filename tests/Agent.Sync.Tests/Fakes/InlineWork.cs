using Agent.Sync.Seams;

namespace Agent.Sync.Tests.Fakes;

/// <summary>Starts work at once on the caller's thread, so that a test's order of events is fixed.</summary>
internal sealed class InlineWork : WorkScheduler
{
    public override Task<T> Start<T>(Func<Task<T>> work) => work();
}
