using System.Text.Json.Serialization;

namespace Agent.Sync.Cli.Events;

/// <summary>Something worth telling. With --json every event is one line; docs/console.md describes them.</summary>
/// <param name="Event">The event's name.</param>
internal abstract record ConsoleEvent([property: JsonPropertyOrder(-1)] string Event);

/// <summary>A sentence about something slow or unusual.</summary>
internal sealed record NoteEvent(string Message) : ConsoleEvent("note");

/// <summary>The command failed. The kind is a SyncErrorKind, or a word for what is not the engine's.</summary>
internal sealed record FailedEvent(string Kind, string? Code, IReadOnlyList<string> Messages, int ExitCode) : ConsoleEvent("failed");
