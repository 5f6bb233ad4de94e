namespace Agent.Sync.Tests.Architecture.Fixtures;

internal sealed class TargetException : Exception;
