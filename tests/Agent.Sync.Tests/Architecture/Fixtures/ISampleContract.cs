namespace Agent.Sync.Tests.Architecture.Fixtures;

internal interface ISampleContract;
