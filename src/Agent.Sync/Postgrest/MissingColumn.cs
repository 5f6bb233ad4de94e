using System.Buffers;
using System.Text.Json;

namespace Agent.Sync.Postgrest;

/// <summary>Finds which of a dataset's columns the server says it lacks. The message itself is never repeated: it may quote a row, which a declared name does not.</summary>
internal static class MissingColumn
{
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$");

    /// <summary>Returns the column; null where the answer is about something else, or names none of the dataset's.</summary>
    /// <param name="code">The answer's code.</param>
    /// <param name="utf8">The answer's JSON, which may be cut off.</param>
    /// <param name="dataset">The dataset; null for a call that concerns none.</param>
    public static string? Find(string? code, ReadOnlySpan<byte> utf8, Dataset? dataset)
    {
        if (dataset is null || code is not ("42703" or "PGRST204") || MessageOf(utf8) is not { } message)
        {
            return null;
        }

        string[] found = [.. NamesOf(dataset).Where(name => IsNamed(message, dataset.RemoteTable, name)).Distinct(StringComparer.Ordinal)];
        return found.Length == 1 ? found[0] : null;
    }

    private static IEnumerable<string> NamesOf(Dataset dataset) =>
        dataset.Columns.Select(static column => column.Name).Concat(dataset.Filters.Select(static filter => filter.Column));

    /// <summary>A column stands behind its table's dot, or in quotes: column items.note does not exist, the 'note' column of 'items'. What a trigger lacks stands otherwise.</summary>
    private static bool IsNamed(string message, string table, string name)
    {
        for (var at = message.IndexOf(name, StringComparison.Ordinal); at >= 0; at = message.IndexOf(name, at + 1, StringComparison.Ordinal))
        {
            var end = at + name.Length;
            var isWhole = end == message.Length || !NameCharacters.Contains(message[end]);
            var before = message.AsSpan(0, at);
            if (isWhole && (before.EndsWith($"{table}.", StringComparison.Ordinal) || before.EndsWith("'", StringComparison.Ordinal) || (before.EndsWith("\"", StringComparison.Ordinal) && message.Contains($"of relation \"{table}\"", StringComparison.Ordinal))))
            {
                return true;
            }
        }

        return false;
    }

    private static string? MessageOf(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8, isFinalBlock: false, state: default);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isMessage = reader.ValueTextEquals("message"u8);
                if (!reader.Read())
                {
                    return null;
                }

                if (isMessage)
                {
                    return reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                }

                if (!reader.TrySkip())
                {
                    return null;
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Not JSON after all; the exception would quote it.
        }

        return null;
    }
}
