namespace QuickStart.Events;

/// <summary>The demo's local backend answers.</summary>
internal sealed record BackendEvent(string Database, Uri Url, double Seconds) : SampleEvent("backend");
