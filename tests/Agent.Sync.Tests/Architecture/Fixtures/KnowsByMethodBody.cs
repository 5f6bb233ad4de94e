namespace Agent.Sync.Tests.Architecture.Fixtures;

internal static class KnowsByMethodBody
{
    internal static object Make() => new Target();
}
