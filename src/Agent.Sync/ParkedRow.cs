namespace Agent.Sync;

/// <summary>One row of the server that a constraint or a trigger of the local table refuses. Immutable data.</summary>
/// <remarks>
/// It is kept and holds up nothing else. Every run tries it again, and so does every commit that may have made room for it. Until then the local table has the former
/// version of the row, or does not have the row.
/// </remarks>
public sealed record ParkedRow
{
    /// <summary>Gets the entry's number within its dataset.</summary>
    public required long Id { get; init; }

    /// <summary>Gets the dataset's name.</summary>
    public required string Dataset { get; init; }

    /// <summary>Gets the row's key as a JSON object, such as <c>{"id":"..."}</c>. It is the app's data, and this library never logs it.</summary>
    public required string Key { get; init; }

    /// <summary>Gets a value indicating whether the server deleted the row and a trigger of the local table refuses to remove it.</summary>
    public bool IsDelete { get; init; }

    /// <summary>
    /// Gets the reason: <c>local_unique</c> (another row has a value that a unique index allows once), <c>local_not_null</c>, <c>local_check</c>,
    /// <c>local_type</c>, or <c>local_trigger</c> for a trigger or anything else.
    /// </summary>
    public required string Code { get; init; }

    /// <summary>Gets the columns or the name of the constraint, as SQLite reports them; null where it does not.</summary>
    public string? Constraint { get; init; }

    /// <summary>Says in words why the local table refuses the row, with the constraint or column where it is known.</summary>
    /// <returns>A text for people; it has no values of the row.</returns>
    public string Describe() => RefusalText.Describe(Code, Constraint);

    // A record would print the key, which comes from a row.
    /// <summary>Returns dataset, number and code.</summary>
    /// <returns>A text without values of the row.</returns>
    public override string ToString() => $"{Dataset} parked row {Id}: {Code}";
}
