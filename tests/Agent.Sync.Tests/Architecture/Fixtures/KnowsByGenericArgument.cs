namespace Agent.Sync.Tests.Architecture.Fixtures;

internal sealed class KnowsByGenericArgument
{
    internal Dictionary<string, Target[]>? Value { get; set; }
}
