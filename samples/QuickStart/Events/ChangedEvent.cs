namespace QuickStart.Events;

/// <summary>The demo changed rows on the server, so that a later run has something to bring.</summary>
internal sealed record ChangedEvent(int Rows) : SampleEvent("changed");
