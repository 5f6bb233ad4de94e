namespace Agent.Sync;

/// <summary>One local change that is not on the server yet. Immutable data.</summary>
public sealed record LocalChange
{
    /// <summary>Gets the change's number within its dataset; what retry and discard take.</summary>
    public required long Id { get; init; }

    /// <summary>Gets the dataset's name.</summary>
    public required string Dataset { get; init; }

    /// <summary>Gets what it does.</summary>
    public required ChangeKind Kind { get; init; }

    /// <summary>Gets where it stands.</summary>
    public required ChangeState State { get; init; }

    /// <summary>Gets the row's key as a JSON object, such as <c>{"id":"..."}</c>. It is the app's data: it is never logged here.</summary>
    public required string Key { get; init; }

    /// <summary>Gets why it was rejected: the server's SQLSTATE or PostgREST code, or a code of the local store; null unless quarantined.</summary>
    public string? Code { get; init; }

    /// <summary>Gets the constraint that was broken, or the column that must have a value or must not be given one, where the server tells; or the column whose local value does not fit; else null.</summary>
    public string? Constraint { get; init; }

    /// <summary>Gets when it was rejected, by this device's clock; null unless the server rejected it.</summary>
    public DateTimeOffset? RejectedAt { get; init; }

    // A record would print the key, which comes from a row.
    /// <summary>Returns dataset, number, kind and state.</summary>
    /// <returns>A text without values of the row.</returns>
    public override string ToString() => $"{Dataset} change {Id}: {Kind}, {State}";
}
