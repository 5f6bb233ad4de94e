namespace QuickStart.Events;

/// <summary>The demo keeps its backend up; other terminals use it with this environment.</summary>
internal sealed record ServingEvent(IReadOnlyDictionary<string, string> Environment) : SampleEvent("serving");
