namespace Agent.Sync.Tests.Architecture.Fixtures;

internal static class KnowsByStaticCall
{
    internal static int Twice() => Target.Number * 2;
}
