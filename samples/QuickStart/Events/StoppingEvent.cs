namespace QuickStart.Events;

/// <summary>A signal came: the rows that are here are being committed.</summary>
internal sealed record StoppingEvent(string Signal) : SampleEvent("stopping");
