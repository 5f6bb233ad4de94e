namespace Agent.Sync.Tests.Architecture.Fixtures;

internal sealed class KnowsByConstraint<T>
    where T : Target
{
    internal T? Value { get; set; }
}
