namespace Agent.Sync.Tests.Architecture.Fixtures;

[Target]
internal sealed class KnowsByAttribute;
