namespace Agent.Sync.Tests.Architecture.Fixtures;

internal sealed class KnowsByField
{
    internal Target? Value { get; set; }
}
