using System.Text.Json;
using System.Text.Unicode;

namespace Agent.Sync.Postgrest;

internal static class JsonText
{
    /// <summary>Tells whether a text is exactly one JSON value, so that an answer that was cut off is not taken for a short one.</summary>
    public static bool IsOneValue(ReadOnlySpan<byte> utf8, int maxDepth)
    {
        // The reader does not look inside strings.
        if (!Utf8.IsValid(utf8))
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = maxDepth });
            while (reader.Read())
            {
            }

            return !utf8.IsEmpty;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
