namespace Agent.Sync.Cli.Events;

/// <summary>A shell's completion script.</summary>
internal sealed record CompletionEvent(string Script) : ConsoleEvent("completion");
