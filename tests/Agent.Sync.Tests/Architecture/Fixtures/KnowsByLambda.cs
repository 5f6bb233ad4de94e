namespace Agent.Sync.Tests.Architecture.Fixtures;

internal static class KnowsByLambda
{
    internal static Func<object> Later(int times) => () => times > 0 ? new Target() : string.Empty;
}
