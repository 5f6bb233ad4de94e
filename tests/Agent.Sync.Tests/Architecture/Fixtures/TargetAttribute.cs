namespace Agent.Sync.Tests.Architecture.Fixtures;

[AttributeUsage(AttributeTargets.Class)]
internal sealed class TargetAttribute : Attribute;
