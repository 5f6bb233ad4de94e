namespace Agent.Sync;

/// <summary>What <see cref="ISyncEngine.ExplainAsync"/> found out about one row. Immutable data.</summary>
public sealed record RowExplanation
{
    /// <summary>Gets the dataset's name.</summary>
    public required string Dataset { get; init; }

    /// <summary>Gets the row's key as a JSON object, such as <c>{"id":"..."}</c>. It is the app's data, and this library never logs it.</summary>
    public required string Key { get; init; }

    /// <summary>Gets where the row stands.</summary>
    public required RowState State { get; init; }

    /// <summary>Gets the grade of the last run of the dataset. <see cref="CompletenessGrade.Overlap"/> before the first run.</summary>
    public CompletenessGrade Grade { get; init; }

    /// <summary>Gets the column that tells the row's versions apart: the declared version, else the update timestamp; with the SQL kit <c>sync_seq</c>.</summary>
    public required string VersionColumn { get; init; }

    /// <summary>Gets a value indicating whether the local table has the row; null when the store cannot tell.</summary>
    public bool? IsLocal { get; init; }

    /// <summary>Gets the local row's version, in the server's text; null for none.</summary>
    public string? LocalVersion { get; init; }

    /// <summary>Gets a value indicating whether the user sees the row on the server; null when the server was not asked or did not answer.</summary>
    public bool? IsOnServer { get; init; }

    /// <summary>Gets the server's version, in its own text; null for none.</summary>
    public string? ServerVersion { get; init; }

    /// <summary>Gets the version that the first local change started from; null for none.</summary>
    public string? BaseVersion { get; init; }

    /// <summary>Gets the local changes of the row, in the order in which they will be sent: at most one in flight and one behind it.</summary>
    public IReadOnlyList<LocalChange> Changes { get; init; } = [];

    /// <summary>Gets the server's row that the local table refuses; null for none.</summary>
    public ParkedRow? Parked { get; init; }

    /// <summary>Gets a value indicating whether the SQL kit has a tombstone of the row; null without the kit.</summary>
    public bool? HasTombstone { get; init; }

    /// <summary>Gets a value indicating whether the server's row is marked as deleted.</summary>
    public bool IsSoftDeleted { get; init; }

    /// <summary>Gets the names of the columns whose values differ between the two sides; empty where one side is missing.</summary>
    public IReadOnlyList<string> DifferingColumns { get; init; } = [];

    /// <summary>Gets why the server could not be asked, as a sentence; null when it was.</summary>
    public string? ServerFailure { get; init; }

    /// <summary>Gets the local row as a UTF-8 JSON object; empty for none. It is the app's data.</summary>
    public ReadOnlyMemory<byte> Local { get; init; }

    /// <summary>Gets the server's row as a UTF-8 JSON object; empty for none. It is the app's data.</summary>
    public ReadOnlyMemory<byte> Server { get; init; }

    /// <summary>Says in words where the row stands, and what happens next or what to do.</summary>
    /// <returns>A text for people; it has no values of the row.</returns>
    public string Describe() => State switch
    {
        RowState.Absent => "It is neither here nor on the server, or you may not see it there. Check the key, and the policies of the table.",
        RowState.InStep when IsSoftDeleted && IsLocal == false => "It is deleted on the server (marked as such), and so it is not here.",
        RowState.InStep => "Both sides have the same version with the same values.",
        RowState.Waiting => $"It was changed here, and the {Kind()} waits for the next push.{Newer()}",
        RowState.InFlight => $"Its {Kind()} was sent, and the answer has not arrived. The next run sends it again under the same operation id, so it is applied once.",
        RowState.Quarantined => $"Its {Kind()} was rejected: {Changes.First(static change => change.State == ChangeState.Quarantined).Describe()}. Edit the row, or retry or discard the change.",
        RowState.Parked => $"The local table refuses the server's row: {Parked!.Describe()}. Change what refuses it: every run tries it again.",
        RowState.ServerIsNewer => IsLocal == false ? "It is new on the server: the next run brings it." : "The server has a newer version: the next run brings it.",
        RowState.Missed => "The server's version was written before the safe position, and is not here: it became visible later without a change, or a wrong clock or a transaction longer than OverlapLag hid it. A full resync brings it.",
        RowState.OutsideFilter => IsLocal == false ? "It is on the server, and the dataset's filter leaves it out." : "It is on the server, and the dataset's filter leaves it out now. With the SQL kit the next run removes it here, without the kit a full resync does.",
        RowState.RemovedOnServer => "It was deleted on the server, or left your view there: the next run removes it here.",
        RowState.NotOnServer => "It is not on the server, or you may not see it there, and nothing says since when. A full resync removes it here.",
        RowState.Differs => $"Both sides have the same version, but {(DifferingColumns.Count == 1 ? "this column differs" : "these columns differ")}: {string.Join(", ", DifferingColumns)}. A local trigger wrote it, or something that the triggers of the store did not see, or the server's version stood still.",
        RowState.LocalIsNewer => "The local version is newer than the server's: the server was restored to an earlier state, or a replica that lags behind answered.",
        _ => $"It cannot be told. {ServerFailure ?? "The local store cannot look up single rows."}",
    };

    // A record would print the key and the rows.
    /// <summary>Returns dataset and state.</summary>
    /// <returns>A text without values of the row.</returns>
    public override string ToString() => $"Row of {Dataset}: {State}";

    private string Kind() => Changes[0].Kind switch
    {
        ChangeKind.Insert => "insert",
        ChangeKind.Delete => "delete",
        _ => "update",
    };

    private string Newer() => (BaseVersion, ServerVersion) switch
    {
        ({ } from, { } now) when from != now => " The server's row has changed since: the conflict policy will decide.",
        ({ }, null) when IsOnServer == false => " The row is no longer on the server, or not visible to you: the conflict policy will decide.",
        _ => string.Empty,
    };
}
