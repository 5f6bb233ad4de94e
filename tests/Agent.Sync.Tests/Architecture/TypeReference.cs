namespace Agent.Sync.Tests.Architecture;

/// <summary>One type naming another, anywhere: base types, signatures, attributes or method bodies.</summary>
internal sealed record TypeReference(string FromNamespace, string FromType, string ToAssembly, string ToNamespace, string ToType);
