using System.Text.Json.Serialization;

namespace Agent.Sync;

/// <summary>A place in one of a dataset's two orders, in the server's own text, never converted to DateTime or double.</summary>
/// <param name="Order">Which order the place belongs to.</param>
/// <param name="CursorValue">The text of the ordering column (update timestamp or sequence); null in <see cref="PageOrder.Key"/>.</param>
/// <param name="KeyValues">
/// The key's texts, in key order. Empty for a lower bound that no row has to match: reading then starts at the first
/// row whose ordering column is at least <paramref name="CursorValue"/>.
/// </param>
internal sealed record CursorPosition(
    [property: JsonPropertyName("Order")] PageOrder Order,
    [property: JsonPropertyName("CursorValue")] string? CursorValue,
    [property: JsonPropertyName("KeyValues")] IReadOnlyList<string> KeyValues)
{
    [JsonIgnore]
    public bool IsLowerBound => KeyValues.Count == 0;

    public static CursorPosition AtOrAfter(string cursorValue) => new(PageOrder.Cursor, cursorValue, []);

    public bool Equals(CursorPosition? other) =>
        other is not null
        && Order == other.Order
        && string.Equals(CursorValue, other.CursorValue, StringComparison.Ordinal)
        && KeyValues.SequenceEqual(other.KeyValues, StringComparer.Ordinal);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(Order);
        hash.Add(CursorValue, StringComparer.Ordinal);
        foreach (var value in KeyValues)
        {
            hash.Add(value, StringComparer.Ordinal);
        }

        return hash.ToHashCode();
    }

    // A record would print its values, and a cursor's values come from a row.
    public override string ToString() => $"{Order} position";
}
