using System.Globalization;
using System.Text.Json;

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

    /// <summary>Says in words where the change stands: that it waits or is being sent, or why it was rejected, with the constraint or column where it is known.</summary>
    /// <returns>A text for people, such as <c>another row has the same value where it must be unique: notes_title_key</c>; it has no values of the row.</returns>
    public string Describe() => State switch
    {
        ChangeState.Waiting => "it waits to be sent",
        ChangeState.InFlight => "it was sent, and the answer has not arrived",
        _ => RefusalText.Describe(Code, Constraint),
    };

    /// <summary>Reads one column of the row's key.</summary>
    /// <typeparam name="T">The column's type, such as <see cref="Guid"/>, <see cref="long"/> or <see cref="string"/>.</typeparam>
    /// <param name="column">The column's name.</param>
    /// <returns>The value.</returns>
    /// <exception cref="ArgumentException">The key has no such column.</exception>
    /// <exception cref="FormatException">The value is not a <typeparamref name="T"/>.</exception>
    public T GetKey<T>(string column)
        where T : IParsable<T>
    {
        using var key = JsonDocument.Parse(Key);
        return key.RootElement.TryGetProperty(column, out var value)
            ? T.Parse(value.ToString(), CultureInfo.InvariantCulture)
            : throw new ArgumentException($"The key of dataset '{Dataset}' has no column '{column}'.", nameof(column));
    }

    // A record would print the key, which comes from a row.
    /// <summary>Returns dataset, number, kind and state.</summary>
    /// <returns>A text without values of the row.</returns>
    public override string ToString() => $"{Dataset} change {Id}: {Kind}, {State}";
}
