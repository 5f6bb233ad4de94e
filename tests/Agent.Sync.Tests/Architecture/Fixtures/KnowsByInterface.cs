namespace Agent.Sync.Tests.Architecture.Fixtures;

internal sealed class KnowsByInterface : TargetContracts.IContract;
