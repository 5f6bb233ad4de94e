namespace Agent.Sync.Cli.Events;

/// <summary>The demo's local backend answers.</summary>
internal sealed record BackendEvent(string Database, Uri Url, double Seconds) : ConsoleEvent("backend");

/// <summary>The demo's rows are there: the same number for each user.</summary>
internal sealed record SeededEvent(int RowsPerUser, int Users, double Seconds) : ConsoleEvent("seeded");

/// <summary>The demo edited rows in the file and on the server.</summary>
/// <param name="Added">The name of the row that is new here.</param>
/// <param name="Renamed">The name that a row got here.</param>
/// <param name="OurName">The name that one row got here.</param>
/// <param name="TheirName">The name that the same row got on the server.</param>
/// <param name="More">How many further rows were edited here, and as many others on the server.</param>
internal sealed record ChangedEvent(string Added, string Renamed, string OurName, string TheirName, int More) : ConsoleEvent("changed");

/// <summary>What became of the demo's edits.</summary>
/// <param name="Sent">The changes that are on the server now.</param>
/// <param name="Kept">The name that the row has which both sides named; null when it is gone.</param>
/// <param name="IsOurs">Whether that is this device's.</param>
/// <param name="Rejected">The edit that the server rejected; null when there is none.</param>
internal sealed record StoryEvent(long Sent, string? Kept, bool IsOurs, QuarantinedChange? Rejected) : ConsoleEvent("story");

/// <summary>What to try next.</summary>
internal sealed record NextEvent(IReadOnlyList<NextStep> Steps) : ConsoleEvent("next");

/// <summary>A command, and what it shows.</summary>
internal sealed record NextStep(string What, string Command);

/// <summary>The demo keeps its backend up; other terminals use it with this environment.</summary>
internal sealed record ServingEvent(IReadOnlyDictionary<string, string> Environment) : ConsoleEvent("serving");
