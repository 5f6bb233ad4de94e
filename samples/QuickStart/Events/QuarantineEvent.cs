namespace QuickStart.Events;

/// <summary>What the server rejected and nobody has decided about yet, and the server's rows that the file refuses.</summary>
internal sealed record QuarantineEvent(string Database, IReadOnlyList<QuarantinedChange> Changes, IReadOnlyList<ParkedEntry> Parked) : SampleEvent("quarantine");
