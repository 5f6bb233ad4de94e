namespace QuickStart.Events;

/// <summary>A command, and what it shows.</summary>
internal sealed record NextStep(string What, string Command);
