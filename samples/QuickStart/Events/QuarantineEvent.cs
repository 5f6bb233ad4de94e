namespace QuickStart.Events;

/// <summary>What the server rejected and nobody has decided about yet.</summary>
internal sealed record QuarantineEvent(string Database, IReadOnlyList<QuarantinedChange> Changes) : SampleEvent("quarantine");
