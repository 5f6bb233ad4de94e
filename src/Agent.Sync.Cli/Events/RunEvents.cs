namespace Agent.Sync.Cli.Events;

/// <summary>The user is signed in.</summary>
internal sealed record SignedInEvent(string Email) : ConsoleEvent("signedIn");

/// <summary>An earlier run stopped here; this one goes on.</summary>
internal sealed record ResumingEvent(string Dataset, long Rows) : ConsoleEvent("resuming");

/// <summary>Local changes wait to be sent.</summary>
internal sealed record PendingEvent(string Dataset, long Changes) : ConsoleEvent("pending");

/// <summary>A signal came: the rows that are here are being committed.</summary>
internal sealed record StoppingEvent(string Signal) : ConsoleEvent("stopping");

/// <summary>The run ended early, at a commit. The datasets whose first sync is under way are listed; local changes left to send are counted.</summary>
internal sealed record StoppedEvent(IReadOnlyList<DatasetPosition> Datasets, long Pending, string Database) : ConsoleEvent("stopped");

/// <summary>How far a dataset is; the total is null while it is unknown.</summary>
internal sealed record DatasetPosition(string Dataset, long Rows, long? Total);
