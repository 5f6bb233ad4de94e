using System.Text.Json.Serialization;

namespace QuickStart.Events;

/// <summary>Something worth telling. With --json every event is one line; docs/console.md describes them.</summary>
internal abstract record SampleEvent
{
    [JsonPropertyOrder(-1)]
    public abstract string Event { get; }
}
