using Agent.Sync;

namespace QuickStart.Events;

/// <summary>The command failed. The kind is a SyncErrorKind, or a word for what is not the engine's.</summary>
internal sealed record FailedEvent(string Kind, string? Code, IReadOnlyList<string> Messages, int ExitCode) : SampleEvent("failed");
