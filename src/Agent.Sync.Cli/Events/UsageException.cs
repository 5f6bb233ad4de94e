namespace Agent.Sync.Cli.Events;

/// <summary>What was asked for cannot be done; the message says what to give instead.</summary>
internal sealed class UsageException(string message) : Exception(message);
