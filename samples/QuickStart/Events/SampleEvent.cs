using System.Text.Json.Serialization;

namespace QuickStart.Events;

/// <summary>Something worth telling. With --json every event is one line; docs/console.md describes them.</summary>
/// <param name="Event">The event's name.</param>
internal abstract record SampleEvent([property: JsonPropertyOrder(-1)] string Event);
