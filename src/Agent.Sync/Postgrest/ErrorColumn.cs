using System.Text.Json;

namespace Agent.Sync.Postgrest;

/// <summary>Takes the column that a refused value was meant for from an error's message. Only a name that the dataset has is repeated: a trigger may have written anything there.</summary>
internal static class ErrorColumn
{
    /// <summary>Tells whether the message of this code names a column: it must not be null, or the database makes its value.</summary>
    public static bool IsTold(string? code) => code is "23502" or "428C9";

    /// <summary>Returns the column that an error of such a code names; null for other codes.</summary>
    public static string? Find(string? code, ReadOnlySpan<byte> utf8, Dataset? dataset) =>
        dataset is not null && IsTold(code) ? Find(utf8, dataset) : null;

    /// <summary>Returns the first name in quotes that is a column's; null when there is none.</summary>
    public static string? Find(ReadOnlySpan<byte> utf8, Dataset dataset)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8, isFinalBlock: false, state: default);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isMessage = reader.ValueTextEquals("message"u8);
                if (!reader.Read())
                {
                    return null;
                }

                if (isMessage)
                {
                    return reader.TokenType == JsonTokenType.String ? FindIn(reader.GetString()!, dataset) : null;
                }

                if (!reader.TrySkip())
                {
                    return null;
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Cut off, or not a text; the exception would quote it.
        }

        return null;
    }

    // The database's language decides what stands around a name: "x", \u00abx\u00bb, \u201ex\u201c.
    private static string? FindIn(string message, Dataset dataset) => message
        .Split(['"', '\u00ab', '\u00bb', '\u201e', '\u201c', '\u201d'], StringSplitOptions.TrimEntries)
        .Where(static (_, index) => index % 2 == 1)
        .Select(part => dataset.Columns.FirstOrDefault(column => string.Equals(column.Name, part, StringComparison.Ordinal))?.Name)
        .FirstOrDefault(static name => name is not null);
}
