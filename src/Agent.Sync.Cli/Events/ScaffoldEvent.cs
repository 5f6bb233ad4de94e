namespace Agent.Sync.Cli.Events;

/// <summary>Classes were written.</summary>
/// <param name="File">The file; null when the text was asked for.</param>
/// <param name="Code">The text; null when a file was asked for.</param>
/// <param name="Classes">What was written.</param>
internal sealed record ScaffoldEvent(string? File, string? Code, IReadOnlyList<ScaffoldedClass> Classes) : ConsoleEvent("scaffold");

/// <summary>A dataset's class.</summary>
internal sealed record ScaffoldedClass(string Dataset, string Class);
