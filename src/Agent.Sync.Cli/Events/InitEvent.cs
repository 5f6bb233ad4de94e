namespace Agent.Sync.Cli.Events;

/// <summary>The file was written. What the source cannot tell of any table is unknown.</summary>
internal sealed record InitEvent(string File, IReadOnlyList<TableFinding> Tables, IReadOnlyList<string> Unknown) : ConsoleEvent("init");

/// <summary>What was found out about a table. Chosen tables come first, in the file's order.</summary>
internal sealed record TableFinding(
    string Table,
    bool IsChosen,
    IReadOnlyList<string> Key,
    string? UpdatedAt,
    string? Version,
    string? DeletedAt,
    int Columns,
    IReadOnlyList<string> Lacks);
