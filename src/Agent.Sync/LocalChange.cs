namespace Agent.Sync;

/// <summary>One local change that is not on the server yet. Immutable data.</summary>
public sealed record LocalChange
{
    /// <summary>Gets the change's number within its dataset, for retry and discard.</summary>
    public required long Id { get; init; }

    /// <summary>Gets the dataset's name.</summary>
    public required string Dataset { get; init; }

    /// <summary>Gets what the change does.</summary>
    public required ChangeKind Kind { get; init; }

    /// <summary>Gets the change's state.</summary>
    public required ChangeState State { get; init; }

    /// <summary>Gets the row's key as a JSON object, such as <c>{"id":"..."}</c>. It is the app's data, and this library never logs it.</summary>
    public required string Key { get; init; }

    /// <summary>Gets why the change was rejected: the server's SQLSTATE or PostgREST code, or a code of this library (<see cref="ChangeCodes"/>) or of the local store. Null unless quarantined.</summary>
    public string? Code { get; init; }

    /// <summary>Gets the violated constraint, or the column that must have a value or must not be given one, if the server names it; or the column whose local value does not fit. Null otherwise.</summary>
    public string? Constraint { get; init; }

    /// <summary>Gets when the server rejected the change, by this device's clock. Null unless it did.</summary>
    public DateTimeOffset? RejectedAt { get; init; }

    // A record would print the key, which comes from a row.
    /// <summary>Returns dataset, number, kind and state.</summary>
    /// <returns>A text without values of the row.</returns>
    public override string ToString() => $"{Dataset} change {Id}: {Kind}, {State}";
}
