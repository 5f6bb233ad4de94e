namespace Agent.Sync.Tests.Architecture.Fixtures;

internal static class KnowsByParameter
{
    internal static bool IsNull(Target? target) => target is null;
}
