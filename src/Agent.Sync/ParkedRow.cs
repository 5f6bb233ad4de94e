namespace Agent.Sync;

/// <summary>One row of the server that the local table refuses, by a constraint or a trigger of its own. Immutable data.</summary>
/// <remarks>
/// It is kept, holds up nothing else, and is tried again by every run and after every commit that may have made room for it. Until then the local table has the row as it
/// was before, or does not have it.
/// </remarks>
public sealed record ParkedRow
{
    /// <summary>Gets the entry's number within its dataset.</summary>
    public required long Id { get; init; }

    /// <summary>Gets the dataset's name.</summary>
    public required string Dataset { get; init; }

    /// <summary>Gets the row's key as a JSON object, such as <c>{"id":"..."}</c>. It is the app's data: it is never logged here.</summary>
    public required string Key { get; init; }

    /// <summary>Gets a value indicating whether the server deleted the row, and a trigger of the local table does not let it go.</summary>
    public bool IsDelete { get; init; }

    /// <summary>
    /// Gets why: <c>local_unique</c> (another row has a value that a unique index allows once), <c>local_not_null</c>, <c>local_check</c>,
    /// <c>local_type</c>, or <c>local_trigger</c> for a trigger and whatever else.
    /// </summary>
    public required string Code { get; init; }

    /// <summary>Gets the columns or the name of the constraint, as SQLite says them; null where it does not.</summary>
    public string? Constraint { get; init; }

    // A record would print the key, which comes from a row.
    /// <summary>Returns dataset, number and code.</summary>
    /// <returns>A text without values of the row.</returns>
    public override string ToString() => $"{Dataset} parked row {Id}: {Code}";
}
