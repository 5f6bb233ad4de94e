namespace Agent.Sync.Tests.Architecture.Fixtures;

internal static class TargetContracts
{
    internal interface IContract;
}
