namespace Agent.Sync.Cli.Events;

/// <summary>A migration was written.</summary>
/// <param name="File">The file; null when there is none, because the text was asked for or nothing is missing.</param>
/// <param name="Sql">The text; null when a file was asked for.</param>
/// <param name="Tables">What it adds to each configured table.</param>
internal sealed record SqlEvent(string? File, string? Sql, IReadOnlyList<SqlTable> Tables) : ConsoleEvent("sql");

/// <summary>What a migration adds to a table, and what it leaves to a person, in words.</summary>
internal sealed record SqlTable(string Table, IReadOnlyList<string> Adds, IReadOnlyList<string> Left);
